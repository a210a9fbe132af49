"""Evaluate a graph on record batches."""

from headrace.transform.evaluation.evaluate import evaluate, fold
from headrace.transform.evaluation.simplify import simplify

__all__ = ["evaluate", "fold", "simplify"]
