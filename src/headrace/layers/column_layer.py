"""A layer applied to columns of record batches by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from headrace.errors import SchemaError
from headrace.suggestions import list_names

__all__ = ["ColumnLayer"]


@dataclass(frozen=True)
class ColumnLayer:
    """A layer applied to named columns of record batches; see `PreprocessingLayer.on`."""

    layer: Callable[[Any], Any]
    columns: tuple[str, ...]
    to: str

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the batch with the layer's result in the column `to`.

        Raises:
            SchemaError: A column is missing from the batch.
        """
        known = set(batch.schema.names)
        missing = [name for name in self.columns if name not in known]
        if missing:
            what, hint = "the batch does not have this column", f"it has {list_names(batch.schema.names)}"
            raise SchemaError(what, feature=missing[0], hint=hint)
        inputs = [batch.column(name) for name in self.columns]
        result = self.layer(inputs[0] if len(inputs) == 1 else tuple(inputs))
        names = [*batch.schema.names, *([] if self.to in batch.schema.names else [self.to])]
        return pa.record_batch({name: result if name == self.to else batch.column(name) for name in names})
