"""Evaluate a graph on record batches."""
