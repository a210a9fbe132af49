"""The rows that differ, as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.deploy.verification.compare import Comparison
from headrace.deploy.verification.describe import describe_row, describe_value
from headrace.deploy.verification.verdict import Difference

__all__ = ["find_differences"]

_MOST_ROWS = 3


def find_differences(
    feeding: str,
    batch: pa.RecordBatch,
    numbers: Sequence[int] | NDArray[np.int64] | None,
    wrong: Sequence[Comparison],
    expected: Mapping[str, NDArray[Any]],
    found: Mapping[str, NDArray[Any]],
) -> list[Difference]:
    """Describe the first rows of a batch that differ, in each output.

    Args:
        feeding: How the rows were fed.
        batch: The rows.
        numbers: The number of each row in the data; None for rows that the verification made.
        wrong: The outputs that differ.
        expected: All outputs of the training path.
        found: All outputs of the deployed model.
    """
    return [
        Difference(
            feeding,
            None if numbers is None else int(numbers[row]),
            describe_row(batch, row),
            each.check.output,
            describe_value(expected[each.check.output][row]),
            describe_value(found[each.check.output][row]),
        )
        for each in wrong
        for row in map(int, each.rows[:_MOST_ROWS])
    ]
