"""Sources of archives: tar archives of samples, and ArrayRecord files."""
