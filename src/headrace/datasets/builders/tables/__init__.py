"""Tables: one module per data set."""
