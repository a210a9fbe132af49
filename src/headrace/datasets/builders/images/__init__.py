"""Images as arrays of pixels: one module per data set."""
