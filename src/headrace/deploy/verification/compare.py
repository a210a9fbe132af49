"""Comparison of the outputs of two runs over the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace.deploy.verification.scales import TOLERANCE, Scales
from headrace.deploy.verification.verdict import OutputCheck
from headrace.errors import UsageError
from headrace.heads import Head

__all__ = ["Comparison", "compare", "merge"]

_HINT = "pass the transform, model and head that were exported"
_FAMILIES = {
    "f": "floats",
    "b": "booleans",
    "O": "strings",
    "U": "strings",
    "T": "strings",
    "i": "integers",
    "u": "integers",
}


@dataclass(frozen=True)
class Comparison:
    """The comparison of one output.

    Attributes:
        check: The counts.
        rows: The numbers of the rows that differ, int64.
    """

    check: OutputCheck
    rows: NDArray[np.int64]


def compare(
    expected: Mapping[str, NDArray[Any]],
    found: Mapping[str, NDArray[Any]],
    head: Head | None,
    scales: Scales = MappingProxyType({}),
) -> list[Comparison]:
    """Compare outputs, rows first.

    Args:
        expected: The outputs of the training path.
        found: The outputs of the deployed model.
        head: Which outputs are labels, and of which probabilities; labels may differ where probabilities tie.
            None compares bit by bit.
        scales: Output to its scale, of `find_scales`; others have the scale 1.

    Raises:
        UsageError: The outputs have other names, shapes or types of values.
    """
    if expected.keys() != found.keys():
        names, others = (", ".join(map(repr, each)) for each in (expected, found))
        raise UsageError(f"expected the outputs {names} as in training, got {others}", hint=_HINT)
    same = {
        name: _find_same(name, value, found[name], head, scales.get(name, 1.0))
        for name, value in expected.items()
    }
    if head is not None:
        for name, ties in head.find_ties(expected, found, TOLERANCE).items():
            same[name] |= ties
    return [
        _summarize(name, each, expected[name], found[name], scales.get(name, 1.0))
        for name, each in same.items()
    ]


def merge(first: OutputCheck | None, second: OutputCheck) -> OutputCheck:
    """Join the checks of two batches."""
    if first is None:
        return second
    return OutputCheck(
        first.output,
        first.values + second.values,
        max(first.largest_difference, second.largest_difference),
        first.mismatches + second.mismatches,
        first.tolerance,
        first.not_finite + second.not_finite,
    )


def _find_same(name: str, expected: Any, found: Any, head: Head | None, scale: Any) -> NDArray[np.bool_]:
    if expected.shape != found.shape:
        what = f"output '{name}': expected shape {expected.shape} as in training, got {found.shape}"
        raise UsageError(what, hint=_HINT)
    families = [_FAMILIES.get(each.dtype.kind, str(each.dtype)) for each in (expected, found)]
    if families[0] != families[1]:
        what = f"output '{name}': expected {families[0]} as in training, got {families[1]}"
        raise UsageError(what, hint=_HINT)
    same = found == expected
    if expected.dtype.kind != "f":
        return same
    same |= np.isnan(found) & np.isnan(expected)
    return same if head is None else same | (_measure(expected, found, scale) <= TOLERANCE)


def _measure(expected: Any, found: Any, scale: Any) -> Any:
    """Compute differences relative to the value, or to the scale; NaN where one side is not finite."""
    wide = expected.astype(np.float64)
    with np.errstate(all="ignore"):
        difference = np.abs(found - wide) / np.maximum(scale, np.abs(wide))
    difference = np.where(found == expected, 0.0, difference)  # 0 / 0 in an output that is always 0
    return np.where(np.isfinite(difference), difference, np.nan)


def _summarize(name: str, same: NDArray[np.bool_], expected: Any, found: Any, scale: Any) -> Comparison:
    rows = np.flatnonzero(~same.all(axis=tuple(range(1, same.ndim))))
    wrong = int(same.size - np.count_nonzero(same))
    if expected.dtype.kind != "f":
        return Comparison(OutputCheck(name, expected.size, 0.0, wrong, 0.0), rows)
    differences = _measure(expected, found, scale)
    largest = float(np.nanmax(differences)) if np.isfinite(differences).any() else 0.0
    broken = int(expected.size - np.count_nonzero(np.isfinite(expected)))
    return Comparison(OutputCheck(name, expected.size, largest, wrong, TOLERANCE, broken), rows)
