"""Evaluate a graph on record batches."""

from headrace.transform.evaluation.class_numbers import ClassNumbers, find_class_numbers
from headrace.transform.evaluation.evaluate import evaluate, fold
from headrace.transform.evaluation.never_negative import is_never_negative
from headrace.transform.evaluation.simplify import simplify

__all__ = ["ClassNumbers", "evaluate", "find_class_numbers", "fold", "is_never_negative", "simplify"]
