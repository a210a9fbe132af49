"""Hugging Face datasets: Arrow files mapped into memory, by row number or as a stream."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import torch

import datasets
from bench.data.loader_peer import Batch, Loader, LoaderPeer
from bench.data.workloads import LABEL, PIXELS

_SEED, _RANKS, _WINDOW, _SHARDS = 1, 8, 1024, 4


def _to_tensor(column: pa.ChunkedArray) -> torch.Tensor:
    return torch.from_numpy(column.to_numpy().copy())  # Arrow's memory is read-only


def _images(table: pa.Table) -> Batch:
    """Convert images, stored as bytes, without a loop over rows."""
    pixels = bytearray().join(table["image"].to_pylist())
    image = torch.from_numpy(np.frombuffer(pixels, np.uint8).reshape(-1, *PIXELS))
    return {"image": image, LABEL: _to_tensor(table[LABEL])}


def _columns(table: pa.Table) -> Batch:
    return {name: _to_tensor(table[name]) for name in table.column_names}


def _bytes(table: pa.Table) -> Batch:
    """Leave encoded images and other bytes in Arrow's memory."""
    return {"data": table[0], LABEL: _to_tensor(table[LABEL])}


class _Stream(Loader):
    """An IterableDataset, whose state belongs to the dataset, not to its iterators."""

    def __init__(
        self,
        open_rows: Callable[[int], datasets.IterableDataset],
        batch: int,
        convert: Callable[[pa.Table], Batch],
    ) -> None:
        self._open_rows = open_rows
        self._batch = batch
        self._convert = convert
        super().__init__(lambda number: map(convert, open_rows(number).iter(batch)))

    def save(self, batches: int) -> Any:
        rows = self._open_rows(0)
        iterator = rows.iter(self._batch)
        for _ in range(batches):
            next(iterator)
        return rows.state_dict()

    def resume(self, state: Any) -> Iterator[Batch]:
        rows = self._open_rows(0)
        rows.load_state_dict(state)
        return map(self._convert, rows.iter(self._batch))


class HuggingFace(LoaderPeer):
    loaders: ClassVar[Mapping[str, Callable[[Any], Loader]]] = {
        "images arrow": lambda peer: peer.by_number(peer.stored(), _images),
        "images iterable": lambda peer: peer.stream(peer.workload.rows, _images),
        "images rank": lambda peer: peer.by_number(peer.stored(), _images, ranks=_RANKS),
        "table arrow": lambda peer: peer.by_number(peer.stored(), _columns),
        "table iterable": lambda peer: peer.stream(peer.workload.rows, _columns),
        "photos arrow": lambda peer: peer.by_number(peer.stored(), _bytes),
        "photos iterable": lambda peer: peer.stream(peer.workload.rows, _bytes),
        "payloads window": lambda peer: peer.stream(_WINDOW, _bytes),
    }

    def write(self) -> None:
        columns = self._photos() if self.workload.name == "photos" else self.workload.columns()
        if self.workload.name == "images":
            columns["image"] = [image.tobytes() for image in columns["image"]]
        if self.workload.name == "table":
            rows = datasets.Dataset.from_parquet(
                self.files("*.parquet"), cache_dir=str(self.folder / "cache")
            )
        else:
            rows = datasets.Dataset.from_dict(columns)
        rows.save_to_disk(str(self.folder / "rows"), num_shards=_SHARDS)

    def stored(self) -> datasets.Dataset:
        return datasets.load_from_disk(str(self.folder / "rows"))

    def _photos(self) -> dict[str, Any]:
        """Read the files into rows, as data sets on the Hub hold them."""
        paths = self.files("photos/*/*.jpg")
        images = [Path(path).read_bytes() for path in paths]
        return {"image": images, LABEL: [int(path.split("/")[-2]) for path in paths]}

    def by_number(self, rows: datasets.Dataset, convert: Callable[..., Batch], ranks: int = 1) -> Loader:
        arrow = rows.with_format("arrow")

        def epoch(number: int) -> Iterator[Batch]:
            shuffled = arrow.shuffle(seed=_SEED + number, keep_in_memory=True)
            if ranks > 1:
                shuffled = shuffled.shard(ranks, 0, keep_in_memory=True)
            return map(convert, shuffled.iter(self.workload.batch))

        return Loader(epoch)

    def stream(self, window: int, convert: Callable[..., Batch]) -> Loader:
        rows = self.stored().to_iterable_dataset(num_shards=_SHARDS)

        def open_rows(number: int) -> datasets.IterableDataset:
            return rows.shuffle(seed=_SEED + number, buffer_size=window).with_format("arrow")

        return _Stream(open_rows, self.workload.batch, convert)


os.environ.setdefault("HF_HUB_OFFLINE", "1")
datasets.disable_progress_bars()
torch.set_num_threads(1)  # to gather a batch on two threads takes more time than on one
PEER = HuggingFace
