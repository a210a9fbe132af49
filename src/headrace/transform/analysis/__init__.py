"""Compute the statistics of a graph in full passes over the data."""
