"""Replace and add columns of a batch."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from headrace.errors import SchemaError

__all__ = ["replace_columns"]


def replace_columns(
    batch: pa.RecordBatch, replaced: Mapping[int, pa.Array], added: Mapping[str, pa.Array]
) -> pa.RecordBatch:
    """Return a batch with some columns replaced, by place, and others added at the end, by name.

    Raises:
        SchemaError: A column of an added name exists.
    """
    for name in added:
        if name in batch.schema.names:
            hint = "rename it first, or choose another name"
            raise SchemaError("a column of this name exists", feature=name, hint=hint)
    fields, arrays = list(batch.schema), batch.columns
    for place, array in replaced.items():
        arrays[place] = array
        fields[place] = fields[place].with_type(array.type)
    fields += [pa.field(name, array.type) for name, array in added.items()]
    return pa.RecordBatch.from_arrays(
        [*arrays, *added.values()], schema=pa.schema(fields, batch.schema.metadata)
    )
