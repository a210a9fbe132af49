"""Where an analysis runs, one file an engine."""
