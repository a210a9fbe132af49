"""Headrace: datasets read from files, shuffled and batched, converted to tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image
from torch.utils.data import DataLoader

import headrace as hr
import headrace.data.dataset  # loaded on first use otherwise, which would count as memory of the rows
import headrace.data.torch
from bench.data.loader_peer import Batch, Loader, LoaderPeer
from bench.data.workloads import CLASSES, LABEL, PACK, PACKS, TOKENS
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


def _select_tokens(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Leave out the numbers of segments and positions, which the other peers compute, too."""
    return ({TOKENS: batch[TOKENS]} for batch in batches)


class Headrace(LoaderPeer):
    loaders: ClassVar[Mapping[str, Callable[[Any], Loader]]] = {
        "images records": lambda peer: peer.tensors(peer.records().shuffle(_SEED)),
        "images cached": lambda peer: peer.tensors(peer.records().cache().shuffle(_SEED)),
        "images memory": lambda peer: peer.tensors(peer.arrays().shuffle(_SEED)),
        "images map-style": lambda peer: peer.map_style(peer.arrays()),
        "images 2-workers": lambda peer: peer.workers(peer.records().shuffle(_SEED)),
        "images rank": lambda peer: peer.tensors(peer.records().shuffle(_SEED).shard(0, _RANKS)),
        "text buckets": lambda peer: peer.buckets(peer.records()),
        "text memory": lambda peer: peer.buckets(hr.Dataset.from_arrays(peer.workload.columns())),
        "text packed": lambda peer: peer.packed(peer.records().select([TOKENS])),
        "table parquet": lambda peer: peer.tensors(
            hr.Dataset.from_parquet(peer.files("*.parquet")).shuffle(_SEED)
        ),
        "photos folder": lambda peer: peer.arrow(
            hr.Dataset.from_images(peer.folder / "photos").shuffle(_SEED)
        ),
        "payloads rank": lambda peer: peer.arrow(
            peer.records().shuffle(_SEED, window=_WINDOW).shard(0, _RANKS)
        ),
        "payloads window": lambda peer: peer.arrow(peer.records().shuffle(_SEED, window=_WINDOW)),
    }

    def records(self) -> hr.Dataset:
        return hr.Dataset.from_records(self.folder / self.workload.name)

    def tensors(self, dataset: hr.Dataset) -> Loader:
        batched = dataset.batch(self.workload.batch)
        return Loader(lambda number: iter(batched.epoch(number).to_torch()))

    def arrays(self) -> hr.Dataset:
        return hr.Dataset.from_arrays(self.workload.columns())

    def buckets(self, dataset: hr.Dataset) -> Loader:
        batches = dataset.shuffle(_SEED).bucket_by_length(TOKENS, self.workload.batch).pad(TOKENS)
        return Loader(lambda number: iter(batches.epoch(number).to_torch()))

    def packed(self, dataset: hr.Dataset) -> Loader:
        batches = dataset.shuffle(_SEED).pack(TOKENS, PACK).batch(PACKS)
        return Loader(lambda number: _select_tokens(iter(batches.epoch(number).to_torch())))

    def map_style(self, dataset: hr.Dataset) -> Loader:
        rows = dataset.to_torch_dataset()
        loader = DataLoader(rows, self.workload.batch, shuffle=True)
        return Loader(lambda number: iter(loader))  # noqa: ARG005

    def workers(self, dataset: hr.Dataset) -> Loader:
        batches = dataset.batch(self.workload.batch).to_torch()
        loader = DataLoader(batches, batch_size=None, num_workers=2, persistent_workers=True)

        def epoch(number: int) -> Iterator[Batch]:
            batches.set_epoch(number)
            return iter(loader)

        return Loader(epoch)

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


torch.set_num_threads(1)  # as for the other peers
PEER = Headrace
