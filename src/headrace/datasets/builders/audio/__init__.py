"""Recordings: one module per data set."""
