"""The plan of a pipeline: which rows are read, in which order, before any row is read."""

from __future__ import annotations

from headrace.data.plan.chosen_rows import choose_range, choose_rows
from headrace.data.plan.permutation import permute
from headrace.data.plan.row_order import (
    AllRows,
    DerivedOrder,
    Numbers,
    RepeatedRows,
    RowOrder,
    RowRange,
    equal_run,
)
from headrace.data.plan.row_reader import RowReader, without_readers
from headrace.data.plan.shuffled_rows import shuffle_order
from headrace.data.plan.window import Window

__all__ = [
    "AllRows",
    "DerivedOrder",
    "Numbers",
    "RepeatedRows",
    "RowOrder",
    "RowRange",
    "RowReader",
    "Window",
    "choose_range",
    "choose_rows",
    "equal_run",
    "permute",
    "shuffle_order",
    "without_readers",
]
