"""Headrace: datasets read from files, shuffled and batched, converted to tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

import headrace as hr
from bench.data.loader_peer import Batch, Loader, LoaderPeer
from bench.data.workloads import CLASSES, LABEL
from headrace import records

_SEED = 1
_RANKS, _WINDOW, _SHARDS, _ROW_GROUP = 8, 1024, 4, 16384


def _array(column: Any) -> pa.Array:
    if getattr(column, "ndim", 1) > 1:
        return pa.FixedShapeTensorArray.from_numpy_ndarray(column)
    return pa.array(column)


def _to_columns(batches: Iterator[pa.RecordBatch]) -> Iterator[Batch]:
    """Yield the Arrow columns; encoded images and other bytes do not become tensors."""
    for batch in batches:
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        columns.pop("filename", None)
        yield columns


class Headrace(LoaderPeer):
    loaders: ClassVar[Mapping[str, Callable[[Any], Loader]]] = {
        "images records": lambda peer: peer.tensors(peer.records().shuffle(_SEED)),
        "images cached": lambda peer: peer.tensors(peer.records().cache().shuffle(_SEED)),
        "images rank": lambda peer: peer.tensors(peer.records().shuffle(_SEED).shard(0, _RANKS)),
        "table parquet": lambda peer: peer.tensors(
            hr.Dataset.from_parquet(peer.files("*.parquet")).shuffle(_SEED)
        ),
        "photos folder": lambda peer: peer.arrow(
            hr.Dataset.from_images(peer.folder / "photos").shuffle(_SEED)
        ),
        "payloads window": lambda peer: peer.arrow(peer.records().shuffle(_SEED, window=_WINDOW)),
    }

    def records(self) -> hr.Dataset:
        return hr.Dataset.from_records(self.folder / self.workload.name)

    def tensors(self, dataset: hr.Dataset) -> Loader:
        batched = dataset.batch(self.workload.batch)
        return Loader(lambda number: iter(batched.epoch(number).to_torch()))

    def arrow(self, dataset: hr.Dataset) -> Loader:
        batched = dataset.batch(self.workload.batch)
        return Loader(lambda number: _to_columns(iter(batched.epoch(number))))

    def write(self) -> None:
        columns = self.workload.columns()
        if self.workload.name == "photos":
            self._write_photos(columns)
            return
        arrays = [_array(column) for column in columns.values()]
        fields = [
            pa.field(name, array.type, nullable=False) for name, array in zip(columns, arrays, strict=True)
        ]
        table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
        if self.workload.name == "table":
            pq.write_table(table, self.folder / "table.parquet", row_group_size=_ROW_GROUP)
        else:
            records.write(self.folder / self.workload.name, table, shards=_SHARDS)

    def _write_photos(self, columns: dict[str, Any]) -> None:
        for number in range(CLASSES):
            (self.folder / "photos" / str(number)).mkdir(parents=True, exist_ok=True)
        for row, (image, label) in enumerate(zip(columns["image"], columns[LABEL], strict=True)):
            encoded = BytesIO()
            Image.fromarray(image).save(encoded, "JPEG")
            Path(self.folder, "photos", str(label), f"{row:05}.jpg").write_bytes(encoded.getvalue())


PEER = Headrace
