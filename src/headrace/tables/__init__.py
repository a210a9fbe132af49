"""Tables and columns in any form that people hold them in, as Arrow: the one conversion for all packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.lazy_names import load_on_use as _load_on_use

if TYPE_CHECKING:
    from headrace.tables.arrays import to_array
    from headrace.tables.convert import ACCEPTED, find_table, iterate_batches, split_table, to_batch, to_table
    from headrace.tables.declared_values import from_declared
    from headrace.tables.names import check_names
    from headrace.tables.pandas_frames import check_index
    from headrace.tables.parse_text import parse_text
    from headrace.tables.python_values import from_values, mark_missing, to_objects
    from headrace.tables.simple_types import has_dictionary, move_nulls, simplify_array, simplify_table
    from headrace.tables.tensors import replace_tensors, tensor_to_numpy
    from headrace.tables.to_pandas import to_frame

__all__ = [
    "ACCEPTED",
    "check_index",
    "check_names",
    "find_table",
    "from_declared",
    "from_values",
    "has_dictionary",
    "iterate_batches",
    "mark_missing",
    "move_nulls",
    "parse_text",
    "replace_tensors",
    "simplify_array",
    "simplify_table",
    "split_table",
    "tensor_to_numpy",
    "to_array",
    "to_batch",
    "to_frame",
    "to_objects",
    "to_table",
]

__getattr__, __dir__ = _load_on_use(
    __name__,
    {
        "ACCEPTED": "convert",
        "check_index": "pandas_frames",
        "check_names": "names",
        "find_table": "convert",
        "from_declared": "declared_values",
        "from_values": "python_values",
        "iterate_batches": "convert",
        "mark_missing": "python_values",
        "has_dictionary": "simple_types",
        "move_nulls": "simple_types",
        "parse_text": "parse_text",
        "simplify_array": "simple_types",
        "simplify_table": "simple_types",
        "split_table": "convert",
        "replace_tensors": "tensors",
        "tensor_to_numpy": "tensors",
        "to_array": "arrays",
        "to_batch": "convert",
        "to_frame": "to_pandas",
        "to_objects": "python_values",
        "to_table": "convert",
    },
)
