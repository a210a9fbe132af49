"""How much worse a model is without a column: permutation importance.

L. Breiman, Random Forests, Machine Learning 45 (2001), section 10.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import process_time

import numpy as np
import pyarrow as pa

from headrace.random_order import random_order, shuffle_source

__all__ = ["ColumnImportance", "Importance", "measure_importance"]

MOST_COLUMNS = 200
ROWS, REPEATS, SEED = 1000, 3, 0
MOST_SECONDS = 20.0


@dataclass(frozen=True)
class ColumnImportance:
    """How much larger the mean loss is if the values of a column are shuffled.

    Attributes:
        column: The raw column.
        increase: The mean over the repeats.
        deviation: The standard deviation over the repeats.
    """

    column: str
    increase: float
    deviation: float


@dataclass(frozen=True)
class Importance:
    """The importance of every column, the most important one first.

    Attributes:
        columns: The columns.
        rows: The number of test rows that were shuffled.
        repeats: How often each column was shuffled.
        seed: The seed of the shuffles.
        loss: The mean loss of these rows as they are.
    """

    columns: Sequence[ColumnImportance]
    rows: int
    repeats: int
    seed: int
    loss: float


def measure_importance(
    rows: pa.Table,
    columns: Sequence[str],
    compute_loss: Callable[[pa.Table], float],
    *,
    repeats: int = REPEATS,
    seed: int = SEED,
    most_seconds: float = MOST_SECONDS,
) -> Importance | str:
    """Measure how much the mean loss grows if the values of one column change rows among themselves.

    Args:
        rows: Raw rows, at most some thousands.
        columns: The columns to shuffle, those that the model reads.
        compute_loss: Computes the mean loss of rows.
        repeats: How often each column is shuffled.
        seed: The seed of the shuffles.
        most_seconds: The most CPU seconds; the loss of the rows as they are is timed.

    Returns:
        The importance, or in a sentence why it was not measured: more than 200 columns, a single one, fewer
        than two rows, or a model that would need too long.
    """
    if len(columns) > MOST_COLUMNS:
        return f"not measured: {len(columns):,} columns, more than {MOST_COLUMNS}"
    if len(columns) < 2:
        return "not measured: the model reads a single column"
    if rows.num_rows < 2:
        return "not measured: fewer than two test rows"
    start = process_time()
    before = compute_loss(rows)
    expected = (process_time() - start) * len(columns) * repeats
    if expected > most_seconds:
        return f"not measured: it would take about {expected:,.0f} seconds, more than {most_seconds:.0f}"
    orders = [random_order(rows.num_rows, shuffle_source(seed, number)) for number in range(repeats)]
    found = list[ColumnImportance]()
    for name in columns:
        place = rows.column_names.index(name)
        losses = [
            compute_loss(rows.set_column(place, rows.schema.field(name), rows[name].take(pa.array(order))))
            for order in orders
        ]
        growth = np.array(losses) - before
        found.append(ColumnImportance(name, float(growth.mean()), float(growth.std())))
    found.sort(key=lambda each: -each.increase)
    return Importance(found, rows.num_rows, repeats, seed, before)
