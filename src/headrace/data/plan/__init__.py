"""The plan of a pipeline: which rows are read, in which order, before any row is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.lazy_names import load_on_use as _load_on_use

if TYPE_CHECKING:
    from headrace.data.plan.chosen_rows import choose_range, choose_rows
    from headrace.data.plan.early_batches import batch_early
    from headrace.data.plan.file_watch import FileWatch
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
    from headrace.data.plan.row_reader import PooledRows, RowReader, without_readers
    from headrace.data.plan.shuffled_rows import shuffle_order
    from headrace.data.plan.window import Window

__all__ = [
    "AllRows",
    "DerivedOrder",
    "FileWatch",
    "Numbers",
    "PooledRows",
    "RepeatedRows",
    "RowOrder",
    "RowRange",
    "RowReader",
    "Window",
    "batch_early",
    "choose_range",
    "choose_rows",
    "equal_run",
    "permute",
    "shuffle_order",
    "without_readers",
]

__getattr__, __dir__ = _load_on_use(
    __name__,
    {
        "AllRows": "row_order",
        "DerivedOrder": "row_order",
        "FileWatch": "file_watch",
        "Numbers": "row_order",
        "PooledRows": "row_reader",
        "RepeatedRows": "row_order",
        "RowOrder": "row_order",
        "RowRange": "row_order",
        "RowReader": "row_reader",
        "Window": "window",
        "batch_early": "early_batches",
        "choose_range": "chosen_rows",
        "choose_rows": "chosen_rows",
        "equal_run": "row_order",
        "permute": "permutation",
        "shuffle_order": "shuffled_rows",
        "without_readers": "row_reader",
    },
)
