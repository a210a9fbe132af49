"""Texts: one module per data set."""
