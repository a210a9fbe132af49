"""Proof that what is deployed computes what was trained."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from torch import nn

from headrace.data.torch import to_tensors
from headrace.deploy.head import Classifier, Head
from headrace.deploy.served_model import ServedModel
from headrace.errors import UsageError
from headrace.serving.predictor import Predictor
from headrace.transform import Transform

__all__ = ["OutputCheck", "Verdict", "verify"]

TOLERANCE = 1e-5


@dataclass(frozen=True)
class OutputCheck:
    """One output, compared over all rows.

    Attributes:
        output: Its name.
        values: How many values were compared.
        largest_difference: Of numbers: |deployed - trained| / max(1, |trained|), the largest.
        mismatches: Labels, strings and integers that differ; numbers that differ by more than the tolerance,
            or are NaN on one side only.
        tolerance: What numbers may differ by; 0 for all that must be identical.
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
        rows: How many rows both were given.
        outputs: One check an output.
    """

    model: str
    rows: int
    outputs: list[OutputCheck]

    @property
    def passed(self) -> bool:
        """Whether there is no skew."""
        return not any(check.mismatches for check in self.outputs)


def verify(
    path: str | os.PathLike[str],
    data: Iterable[pa.RecordBatch],
    *,
    transform: Transform,
    model: nn.Module,
    head: Head | None = None,
) -> Verdict:
    """Give the same raw rows to the training path and to ONNX Runtime, and compare every output.

    Args:
        path: What `export` wrote.
        data: Batches of raw rows: a `Dataset`, or any iterable.
        transform: The transform that was exported, without the label.
        model: The model that was exported.
        head: The head that was exported.

    Raises:
        UsageError: There are no rows.
    """
    predictor = Predictor(path)
    served = ServedModel(model, head or Classifier(), transform.output_types).cpu().eval()
    rows, checks = 0, dict[str, OutputCheck]()
    for batch in data:
        rows += batch.num_rows
        trained = served.head.name(served.predict(to_tensors(transform(batch))))
        deployed = predictor.run(batch)
        for output, expected in trained.items():
            checks[output] = _add(checks.get(output), _compare(output, expected, deployed[output]))
    if not rows:
        raise UsageError("there are no rows to compare", hint="check the data's source and filters")
    return Verdict(os.fspath(path), rows, list(checks.values()))


def _compare(output: str, expected: np.ndarray, found: np.ndarray) -> OutputCheck:
    if expected.shape != found.shape:
        raise UsageError(f"output '{output}' has shape {found.shape} where training gives {expected.shape}")
    if expected.dtype.kind != "f":
        return OutputCheck(output, expected.size, 0.0, int(np.sum(expected != found)), 0.0)
    difference: Any = np.abs(found - expected) / np.maximum(1.0, np.abs(expected))
    same = (difference <= TOLERANCE) | (found == expected) | (np.isnan(found) & np.isnan(expected))
    largest = float(np.nanmax(difference, initial=0.0))
    return OutputCheck(output, expected.size, largest, int(np.sum(~same)), TOLERANCE)


def _add(first: OutputCheck | None, second: OutputCheck) -> OutputCheck:
    if first is None:
        return second
    return OutputCheck(
        first.output,
        first.values + second.values,
        max(first.largest_difference, second.largest_difference),
        first.mismatches + second.mismatches,
        first.tolerance,
    )
