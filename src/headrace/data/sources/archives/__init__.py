"""Sources of files in tar archives."""
