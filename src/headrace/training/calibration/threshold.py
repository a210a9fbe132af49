"""The threshold of a binary classifier, chosen on data that it was not trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headrace.errors import UsageError
from headrace.training.label_options import read_threshold_rule

__all__ = ["find_threshold"]


def find_threshold(probabilities: NDArray[np.float32], truth: NDArray[np.bool_], rule: str) -> float:
    """Find the probability from which on a row is of the second class.

    Args:
        probabilities: Of the second class, float32 [N].
        truth: Which rows are of the second class [N].
        rule: "f1" or "balanced_accuracy", which the threshold makes as large as possible; "equal_recall", the
            same of the smaller recall of both classes; or "recall=0.9" or "precision=0.9", of which it
            reaches the least value with as much of the other as possible.

    Returns:
        The threshold, halfway between two probabilities; of several, the one nearest to 0.5.

    Raises:
        UsageError: The rows are of one class, or no threshold reaches the least value.
    """
    if truth.all() or not truth.any():
        found = "second" if truth.all() else "first"
        what = f"choose_threshold needs rows of both classes, but all validation rows are of the {found}"
        raise UsageError(what, hint="split with stratify=, or remove choose_threshold")
    name, least = read_threshold_rule(rule)
    values, counts, positives = _count_by_value(probabilities, truth)
    chosen = np.cumsum(counts[::-1])[::-1]  # rows at or above each value
    right = np.cumsum(positives[::-1])[::-1]
    recall = right / right[0]
    precision = right / chosen
    if least is None:
        if name == "f1":
            scores = 2 * right / (chosen + right[0])
        else:
            of_first = 1 - (chosen - right) / (len(truth) - right[0])
            scores = np.minimum(recall, of_first) if name == "equal_recall" else (recall + of_first) / 2
        places = np.flatnonzero(scores >= scores.max() - 1e-12)
    else:
        reached, other = (recall, precision) if name == "recall" else (precision, recall)
        enough = reached >= least - 1e-12
        if not enough.any():
            what = f"no threshold reaches a {name} of {least:g} on the validation data"
            raise UsageError(f"{what}; the largest is {reached.max():.3g}", hint="ask for less")
        best = other[enough].max()
        places = np.flatnonzero(enough & (other >= best - 1e-12))
    candidates = [_place_between(values, int(place)) for place in places]
    return min(candidates, key=lambda each: abs(each - 0.5))


def _count_by_value(
    probabilities: NDArray[np.float32], truth: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]:
    """Count rows, and rows of the second class, by distinct probability, ascending."""
    values, places = np.unique(probabilities.astype(np.float32), return_inverse=True)
    counts = np.bincount(places, minlength=len(values))
    positives = np.bincount(places, weights=truth, minlength=len(values)).astype(np.int64)
    return values, counts, positives


def _place_between(values: NDArray[np.float32], place: int) -> float:
    """Return a float32 above the value before a place, and at most the value there."""
    below = np.float32(0) if place == 0 else values[place - 1]
    middle = np.float32((float(below) + float(values[place])) / 2)
    return float(middle if place == 0 or below < middle else values[place])
