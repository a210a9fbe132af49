"""Photos, as JPEG or PNG files: one module per data set."""
