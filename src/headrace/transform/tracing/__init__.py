"""Trace a preprocessing function into a graph."""
