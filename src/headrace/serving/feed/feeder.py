"""The tensors of a model, from raw rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import TIMESTAMP, Ragged, cast_column
from headrace.errors import ModelError, SchemaError
from headrace.serving.feed.encodings import decode_column
from headrace.serving.feed.one_dict import OneDict
from headrace.serving.feed.plain_rows import PlainRows
from headrace.serving.feed.select_columns import select_columns
from headrace.serving.signature import Input
from headrace.suggestions import find_similar, list_names

__all__ = ["Feeder"]

_DTYPES = {TIMESTAMP, "string", "bool", "float16", "float32", "float64"} | {
    f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}


class Feeder:
    """Makes the tensors of a model from raw rows.

    Args:
        inputs: The raw columns that the model reads.
    """

    def __init__(self, inputs: Sequence[Input]) -> None:
        self._inputs = inputs
        self._one_dict = OneDict(inputs)
        self._plain_rows = PlainRows(inputs)

    def feed(self, data: Any) -> dict[str, np.ndarray]:
        """Convert rows to tensors by name.

        Args:
            data: One row as a dict, or a table in any form of `headrace.tables`.

        Raises:
            UsageError: `data` is not a row or a table.
            SchemaError: A column is missing, or a value does not fit; names the column and the row.
            ModelError: The model has an input of a type that rows do not have.
        """
        if type(data) is dict and (found := self._one_dict.feed(data)) is not None:
            return found
        if type(data) is list and (found := self._plain_rows.feed(data)) is not None:
            return found
        batch = self.select(data)
        feeds = dict[str, np.ndarray]()
        for column in self._inputs:
            self._add(feeds, column, batch)
        return feeds

    def select(self, data: Any) -> pa.RecordBatch:
        """Select the columns that the model reads, as they are.

        Raises:
            UsageError: `data` is not a row or a table.
            SchemaError: A column is missing.
        """
        batch, names = select_columns(data, self._inputs)
        self.check_columns(batch.schema.names, names)
        return batch

    def _add(self, feeds: dict[str, np.ndarray], column: Input, batch: pa.RecordBatch) -> None:
        if column.type not in _DTYPES:
            what = f"the model reads {column.type}, which a column does not hold"
            raise ModelError(what, feature=column.name, hint="export the model with another type of input")
        place = batch.schema.get_field_index(column.name)
        array = pa.nulls(batch.num_rows) if place < 0 else decode_column(batch.column(place), column)
        is_ragged = len(column.tensors) == 2
        value = cast_column(
            array,
            column.type,
            () if is_ragged else column.shape,
            is_ragged=is_ragged,
            name=column.name,
            default=column.default,
        )
        parts = value if isinstance(value, Ragged) else (value,)
        for tensor, part in zip(column.tensors, parts, strict=True):
            feeds[tensor] = part.to_numpy(zero_copy_only=False) if isinstance(part, pa.Array) else part

    def check_columns(self, found: Sequence[str], names: Sequence[str]) -> None:
        """Check that no required column is absent, and that an absent optional one is not misspelt.

        Args:
            found: The columns that the model reads and the table has.
            names: All columns of the table.

        Raises:
            SchemaError: A column is missing.
        """
        known = set(found)
        for column in self._inputs:
            if column.name in known:
                continue
            others = [str(name) for name in names if name not in known]  # a dict may have other keys
            if column.optional and found and not _is_misspelt(column.name, others):
                continue
            needed = list_names(each.name for each in self._inputs)
            hint = find_similar(column.name, others) or f"the model needs {needed}"
            raise SchemaError("the column is missing", feature=column.name, hint=hint)


def _is_misspelt(name: str, others: Sequence[str]) -> bool:
    """Whether one of the other columns differs from a name in letter case and separators only."""
    spelling = _spell(name)
    return spelling != "" and any(spelling == _spell(each) for each in others)


def _spell(name: str) -> str:
    return "".join(each for each in name.casefold() if each.isalnum())
