"""Parquet by pyarrow: a different format, the alternative for those who can choose."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq

from bench.records.record_peer import RecordPeer
from bench.records.workloads import BATCH, SHARDS, Feature


def _array(feature: Feature, column: Any) -> pa.Array:
    """Convert a column; pixels to fixed-size binary, which Parquet reads much faster than lists."""
    if feature.pixels:
        pixels = column.reshape(len(column), -1)
        return pa.Array.from_buffers(pa.binary(pixels.shape[1]), len(pixels), [None, pa.py_buffer(pixels)])
    return pa.array(column, pa.string() if feature.text else None)


class Parquet(RecordPeer):
    folder = "parquet"

    def _to_numpy(self, feature: Feature, column: pa.Array) -> Any:
        if feature.pixels:
            width = column.type.byte_width
            pixels = np.frombuffer(column.buffers()[1], np.uint8)[column.offset * width :]
            return pixels[: len(column) * width].reshape(len(column), *feature.pixels)
        if feature.steps:
            return column.values.to_numpy(), column.offsets.to_numpy()
        return column if feature.kind == "bytes" else column.to_numpy()

    def read(self) -> int:
        pa.set_cpu_count(len(os.sched_getaffinity(0)))
        rows = 0
        for batch in pyarrow.dataset.dataset(self.files()).to_batches(batch_size=BATCH):
            for feature in self.workload.features:
                self._to_numpy(feature, batch.column(feature.name))
            rows += batch.num_rows
        return rows

    def load(self, columns: dict[str, Any]) -> None:
        arrays = {feature.name: _array(feature, columns[feature.name]) for feature in self.workload.features}
        self._table = pa.table(arrays)

    def write(self) -> int:
        rows = self._table.num_rows // SHARDS
        for shard in range(SHARDS):
            part = self._table.slice(shard * rows, rows)
            pq.write_table(part, f"{self.target()}-{shard}.parquet")
        return self._table.num_rows


PEER = Parquet
