"""Methods of a dataset that append a stage, by family; `Dataset` inherits them."""

from __future__ import annotations

from headrace.data.methods.columns import ColumnMethods

__all__ = ["ColumnMethods"]
