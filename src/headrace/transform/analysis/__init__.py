"""Compute the statistics of a graph in full passes over the data."""

from headrace.transform.analysis.incremental import Adaptation, insert_statistics

__all__ = ["Adaptation", "insert_statistics"]
