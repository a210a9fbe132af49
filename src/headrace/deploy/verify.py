"""Proof that a deployed model computes the same as the training path."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from headrace.deploy.check_transform import check_transform
from headrace.errors import UsageError
from headrace.extras import require
from headrace.heads import Classifier, Head
from headrace.serving import Predictor
from headrace.transform import Transform

if TYPE_CHECKING:
    from torch import nn

__all__ = ["OutputCheck", "Verdict", "verify"]

TOLERANCE = 1e-5


@dataclass(frozen=True)
class OutputCheck:
    """The comparison of one output over all rows.

    Attributes:
        output: The name of the output.
        values: Number of compared values.
        largest_difference: Largest |deployed - trained| / max(1, |trained|) of floats; 0 for other types.
        mismatches: Number of labels, strings and integers that differ, and of floats that differ by more than
            the tolerance or are NaN on one side only.
        tolerance: Largest accepted difference of floats; 0 for types that must be identical.
    """

    output: str
    values: int
    largest_difference: float
    mismatches: int
    tolerance: float


@dataclass(frozen=True)
class Verdict:
    """The comparison of a deployed model with the training path.

    Attributes:
        model: The ONNX file.
        rows: Number of compared rows.
        outputs: One check per output.
    """

    model: str
    rows: int
    outputs: list[OutputCheck]

    @property
    def passed(self) -> bool:
        """Whether every output agrees."""
        return not any(check.mismatches for check in self.outputs)


def verify(
    path: str | os.PathLike[str],
    data: Iterable[pa.RecordBatch],
    *,
    transform: Transform,
    model: nn.Module,
    head: Head | None = None,
) -> Verdict:
    """Run the same raw rows through the training path and through ONNX Runtime, and compare every output.

    Args:
        path: The file that `export` wrote.
        data: Batches of raw rows: a `Dataset` or any iterable.
        transform: The exported transform, without the label.
        model: The exported model.
        head: The exported head; None is a `Classifier` without class names.

    Raises:
        DependencyError: torch is not installed.
        ModelError: ONNX Runtime cannot load the file.
        UsageError: The data has no rows, or an output has another shape than in training.
    """
    require("torch", extra="train", purpose="headrace.deploy.verify")
    from headrace.data.torch import to_tensors
    from headrace.deploy.served_model import served_model

    check_transform(transform)
    predictor = Predictor(path)
    head = Classifier() if head is None else head
    rows, checks = 0, dict[str, OutputCheck]()
    with served_model(model, head, transform.output_types) as served:
        for batch in data:
            rows += batch.num_rows
            trained = head.name(served.predict(to_tensors(transform(batch))))
            deployed = predictor.run(batch)
            for output, expected in trained.items():
                checks[output] = _merge(checks.get(output), _compare(output, expected, deployed[output]))
    if not rows:
        raise UsageError(
            "the data has no rows to compare", hint="check the source of the data and its filters"
        )
    return Verdict(os.fspath(path), rows, list(checks.values()))


def _compare(output: str, expected: np.ndarray, found: np.ndarray) -> OutputCheck:
    if expected.shape != found.shape:
        raise UsageError(
            f"output '{output}': expected shape {expected.shape} as in training, got {found.shape}",
            hint="pass the transform, model and head that were exported",
        )
    if expected.dtype.kind != "f":
        return OutputCheck(output, expected.size, 0.0, int(np.sum(expected != found)), 0.0)
    difference: Any = np.abs(found - expected) / np.maximum(1.0, np.abs(expected))
    same = (difference <= TOLERANCE) | (found == expected) | (np.isnan(found) & np.isnan(expected))
    largest = float(np.nanmax(difference, initial=0.0))
    return OutputCheck(output, expected.size, largest, int(np.sum(~same)), TOLERANCE)


def _merge(first: OutputCheck | None, second: OutputCheck) -> OutputCheck:
    if first is None:
        return second
    return OutputCheck(
        first.output,
        first.values + second.values,
        max(first.largest_difference, second.largest_difference),
        first.mismatches + second.mismatches,
        first.tolerance,
    )
