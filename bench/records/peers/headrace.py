"""Headrace: record batches, converted to columns without a copy."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from bench.records.record_peer import RecordPeer
from bench.records.workloads import BATCH, SHARDS, Feature
from headrace import records
from headrace.columns import from_arrow


def _array(feature: Feature, column: Any) -> pa.Array:
    if feature.steps:
        return pa.array(column)
    if feature.pixels:
        storage = pa.FixedSizeListArray.from_arrays(pa.array(column.reshape(-1)), column[0].size)
        return pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(pa.uint8(), feature.pixels), storage)
    return pa.array(column, pa.string() if feature.text else None)


class Headrace(RecordPeer):
    def read(self) -> int:
        rows = 0
        for batch in records.read(self.files_base(), batch_size=BATCH):
            for feature, column in zip(self.workload.features, batch.columns, strict=True):
                if feature.pixels or feature.kind != "bytes":  # strings stay Arrow arrays
                    from_arrow(column)
            rows += batch.num_rows
        return rows

    def files_base(self) -> str:
        """Return the base name, next to which the schema file is stored."""
        return str(self.directory / self.folder / self.workload.name)

    def load(self, columns: dict[str, Any]) -> None:
        arrays = [_array(feature, columns[feature.name]) for feature in self.workload.features]
        fields = [
            pa.field(feature.name, array.type, nullable=False)
            for feature, array in zip(self.workload.features, arrays, strict=True)
        ]
        self._table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
        self._schema = self._table.schema
        if self.workload.is_sequence:
            steps = {feature.name for feature in self.workload.features if feature.steps}
            context = [field for field in fields if field.name not in steps]
            lists = [field for field in fields if field.name in steps]
            self._schema = records.SequenceSchema(pa.schema(context), pa.schema(lists))

    def write(self) -> int:
        records.write(self.target(), self._table, shards=SHARDS, schema=self._schema)
        return self._table.num_rows


PEER = Headrace
