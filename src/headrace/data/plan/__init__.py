"""The plan of a pipeline: which rows are read, in which order, before any row is read."""

from __future__ import annotations

from headrace.data.plan.chosen_rows import choose_range, choose_rows
from headrace.data.plan.permutation import permute
from headrace.data.plan.row_order import AllRows, Numbers, RepeatedRows, RowOrder
from headrace.data.plan.row_reader import RowReader
from headrace.data.plan.shuffled_rows import shuffle_order
from headrace.data.plan.window import Window

__all__ = [
    "AllRows",
    "Numbers",
    "RepeatedRows",
    "RowOrder",
    "RowReader",
    "Window",
    "choose_range",
    "choose_rows",
    "permute",
    "shuffle_order",
]
