"""Evaluate a graph on record batches."""

from headrace.transform.evaluation.evaluate import evaluate, fold

__all__ = ["evaluate", "fold"]
