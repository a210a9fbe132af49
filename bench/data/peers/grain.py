"""Grain: rows by number, from ArrayRecord files, other files, or arrays in memory, shuffled globally."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import grain
import numpy as np
import pyarrow.parquet as pq
import torch
from array_record.python.array_record_module import ArrayRecordWriter
from grain.experimental import ConcatThenSplitIterDataset, FirstFitPackIterDataset, WindowShuffleMapDataset

from bench.data.loader_peer import Batch, Loader, LoaderPeer
from bench.data.workloads import LABEL, PACK, PACKS, PIXELS, TABLE_COLUMNS, TOKENS

_SEED, _RANKS, _WINDOW, _BINS = 1, 8, 1024, 64
_READ = grain.ReadOptions(num_threads=2, prefetch_buffer_size=16)  # less CPU time than the defaults
_LABEL_BYTES = 8


def _parse(records: Sequence[bytes]) -> Batch:
    """Convert records, a label and pixels each, to tensors without a loop over rows."""
    rows = np.frombuffer(b"".join(records), np.uint8).reshape(len(records), -1)
    labels = rows[:, :_LABEL_BYTES].copy().view(np.int64)[:, 0]
    pixels = rows[:, _LABEL_BYTES:].reshape(-1, *PIXELS).copy()
    return {"image": torch.from_numpy(pixels), LABEL: torch.from_numpy(labels)}


def _parse_payloads(records: Sequence[bytes]) -> Batch:
    labels = [int.from_bytes(record[:_LABEL_BYTES], "little") for record in records]
    return {"data": [record[_LABEL_BYTES:] for record in records], LABEL: torch.tensor(labels)}


def _select_tokens(batch: Mapping[str, np.ndarray]) -> Batch:
    return {TOKENS: torch.from_numpy(batch[TOKENS])}


class _Photos:
    """Encoded photos, read from their files."""

    def __init__(self, paths: list[str]) -> None:
        self.paths = paths
        self.labels = [int(path.split("/")[-2]) for path in paths]

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, row: int) -> tuple[bytes, int]:
        return Path(self.paths[row]).read_bytes(), self.labels[row]


def _collate_photos(rows: Sequence[tuple[bytes, int]]) -> Batch:
    return {"image": [image for image, _ in rows], LABEL: torch.tensor([label for _, label in rows])}


class _Loader(Loader):
    """A Grain pipeline; its iterators spell state differently."""

    def __init__(self, open_rows: Callable[[int], grain.IterDataset[Batch]]) -> None:
        super().__init__(lambda number: iter(open_rows(number)))

    def save(self, batches: int) -> Any:
        iterator: Any = self.epoch(0)
        for _ in range(batches):
            next(iterator)
        return iterator.get_state()

    def resume(self, state: Any) -> Iterator[Batch]:
        iterator: Any = self.epoch(0)
        iterator.set_state(state)
        return iterator


class Grain(LoaderPeer):
    loaders: ClassVar[Mapping[str, Callable[[Any], Loader]]] = {
        "images array-record": lambda peer: peer.rows(peer.array_record(), _parse),
        "images memory": lambda peer: peer.gather(peer.workload.columns()),
        "images rank": lambda peer: peer.rows(peer.array_record(), _parse, ranks=_RANKS),
        "text packed": lambda peer: peer.packed(split=False),
        "text concatenated": lambda peer: peer.packed(split=True),
        "table memory": lambda peer: peer.gather(peer.table()),
        "photos folder": lambda peer: peer.rows(
            grain.MapDataset.source(_Photos(peer.files("photos/*/*.jpg"))), _collate_photos
        ),
        "payloads rank": lambda peer: peer.window(_RANKS),
        "payloads window": lambda peer: peer.window(),
    }

    def write(self) -> None:
        """Write one record per group, as Grain recommends for random access."""
        columns = self.workload.columns()
        first, labels = next(iter(columns.values())), columns[LABEL]
        writer = ArrayRecordWriter(str(self.folder / "rows.array_record"), "group_size:1,uncompressed")
        for value, label in zip(first, labels, strict=True):
            writer.write(label.tobytes() + (value if isinstance(value, bytes) else value.tobytes()))
        writer.close()

    def array_record(self) -> grain.MapDataset[bytes]:
        return grain.MapDataset.source(grain.sources.ArrayRecordDataSource(
            [str(self.folder / "rows.array_record")]
        ))  # fmt: skip

    def rows(self, rows: grain.MapDataset[Any], collate: Callable[..., Batch], ranks: int = 1) -> Loader:
        def open_rows(number: int) -> grain.IterDataset[Batch]:
            shuffled = rows.shuffle(_SEED + number)[::ranks]
            return shuffled.batch(self.workload.batch, batch_fn=collate).to_iter_dataset(_READ)

        return _Loader(open_rows)

    def table(self) -> dict[str, Any]:
        table = pq.read_table(self.files("*.parquet"))
        return {name: table[name].to_numpy() for name in [*TABLE_COLUMNS, LABEL]}

    def gather(self, columns: Mapping[str, np.ndarray]) -> Loader:
        """Shuffle row numbers, and gather each batch from tensors in memory."""
        tensors = {name: torch.tensor(column) for name, column in columns.items()}

        def gather(rows: Sequence[int]) -> Batch:
            numbers = torch.tensor(rows)
            return {name: tensor[numbers] for name, tensor in tensors.items()}

        return self.rows(grain.MapDataset.range(self.workload.rows), gather)

    def packed(self, split: bool) -> Loader:
        """Pack token ids in memory, whole rows by first fit, or split where a pack is full."""
        source = grain.MapDataset.source([{TOKENS: row} for row in self.workload.columns()[TOKENS]])

        def open_rows(number: int) -> grain.IterDataset[Batch]:
            rows = source.shuffle(_SEED + number).to_iter_dataset(_READ)
            if split:
                packs = ConcatThenSplitIterDataset(rows, length_struct={TOKENS: PACK})
            else:
                packs = FirstFitPackIterDataset(rows, length_struct={TOKENS: PACK}, num_packing_bins=_BINS)
            return packs.batch(PACKS).map(_select_tokens)

        return _Loader(open_rows)

    def window(self, ranks: int = 1) -> Loader:
        def open_rows(number: int) -> grain.IterDataset[Batch]:
            rows = WindowShuffleMapDataset(self.array_record(), window_size=_WINDOW, seed=_SEED + number)
            rows = rows[: self.workload.rows : ranks]
            return rows.batch(self.workload.batch, batch_fn=_parse_payloads).to_iter_dataset(_READ)

        return _Loader(open_rows)


torch.set_num_threads(1)  # to gather a batch on two threads takes more time than on one
PEER = Grain
