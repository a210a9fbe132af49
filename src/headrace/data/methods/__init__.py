"""Methods of a dataset that append a stage, by family; `Dataset` inherits them."""

from __future__ import annotations

from headrace.data.methods.classes import ClassMethods
from headrace.data.methods.columns import ColumnMethods
from headrace.data.methods.rows import RowMethods
from headrace.data.methods.sequences import SequenceMethods

__all__ = ["ClassMethods", "ColumnMethods", "RowMethods", "SequenceMethods"]
