"""The base of ops on single strings, for columns of strings and of lists of strings."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Any, ClassVar

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import Op

__all__ = ["PerString"]


class PerString(Op, abstract=True):
    """An op on each string by itself; lists keep their lengths."""

    per_string = True
    dtype: ClassVar[str] = "string"
    """The type of the result for one string."""

    def infer(self, *types: ColumnType) -> ColumnType:
        """See `Op.infer`: strings only."""
        (x,) = types
        if not x.is_string:
            raise TraceError(f"{self.name} expects strings, got {x}", hint="pass a column of text")
        return replace(x, dtype=self.dtype)

    def evaluate(self, *values: Any) -> Any:
        """See `Op.evaluate`."""
        (x,) = values
        return (
            Ragged(self.evaluate_strings(x.values), x.row_splits)
            if isinstance(x, Ragged)
            else self.evaluate_strings(x)
        )

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`."""
        (x,) = values
        return (
            Ragged(self.lower_strings(x.values), x.row_splits)
            if isinstance(x, Ragged)
            else self.lower_strings(x)
        )

    @abstractmethod
    def evaluate_strings(self, strings: Any) -> Any:
        """Compute the result for an Arrow array of strings [n]."""

    @abstractmethod
    def lower_strings(self, strings: Any) -> Any:
        """Build the ONNX form for an `ndonnx.Array` of strings [n]."""
