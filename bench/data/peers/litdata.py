"""LitData: optimized chunks, shuffled within and across chunks, and its StreamingDataLoader."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import litdata
import numpy as np
import torch

from bench.data.loader_peer import Batch, Loader, LoaderPeer
from bench.data.workloads import LABEL, PIXELS, TABLE_COLUMNS

_SEED = 1


def _collate_images(rows: list[dict[str, Any]]) -> Batch:
    """Convert rows to tensors without a loop over pixels."""
    pixels = np.frombuffer(bytearray().join(row["image"] for row in rows), np.uint8)
    labels = torch.tensor([row[LABEL] for row in rows])
    return {"image": torch.from_numpy(pixels.reshape(-1, *PIXELS)), LABEL: labels}


def _collate_table(rows: list[dict[str, Any]]) -> Batch:
    matrix = np.frombuffer(bytearray().join(row["x"] for row in rows), np.float32)
    x = torch.from_numpy(matrix.reshape(len(rows), -1))
    return {"x": x, LABEL: torch.tensor([row[LABEL] for row in rows])}


def _collate_bytes(rows: list[dict[str, Any]]) -> Batch:
    return {"image": [row["image"] for row in rows], LABEL: torch.tensor([row[LABEL] for row in rows])}


class _Samples:
    """Called by number, as `litdata.optimize` wants it."""

    def __init__(self, columns: Mapping[str, Any], name: str) -> None:
        self.columns = columns
        self.name = name

    def __call__(self, row: int) -> dict[str, Any]:
        value = self.columns[self.name][row]
        return {
            self.name: value if isinstance(value, bytes) else value.tobytes(),
            LABEL: int(self.columns[LABEL][row]),
        }


class _Loader(Loader):
    """The state belongs to the loader, not to its iterators."""

    def __init__(self, open_loader: Callable[[], litdata.StreamingDataLoader]) -> None:
        self._open_loader = open_loader
        loader = open_loader()
        super().__init__(lambda number: iter(loader))  # noqa: ARG005 - each iteration is the next epoch

    def save(self, batches: int) -> Any:
        loader = self._open_loader()
        iterator = iter(loader)
        for _ in range(batches):
            next(iterator)
        return loader.state_dict()

    def resume(self, state: Any) -> Iterator[Batch]:
        loader = self._open_loader()
        loader.load_state_dict(state)
        return iter(loader)


class LitData(LoaderPeer):
    loaders: ClassVar[Mapping[str, Callable[[Any], Loader]]] = {
        "images chunks": lambda peer: peer.chunks(_collate_images),
        "table chunks": lambda peer: peer.chunks(_collate_table),
        "photos chunks": lambda peer: peer.chunks(_collate_bytes),
    }

    def _samples(self) -> _Samples:
        if self.workload.name == "photos":
            paths = self.files("photos/*/*.jpg")
            columns: dict[str, Any] = {"image": [Path(path).read_bytes() for path in paths]}
            return _Samples({**columns, LABEL: [int(path.split("/")[-2]) for path in paths]}, "image")
        columns = self.workload.columns()
        if self.workload.name == "table":
            x = np.stack([columns[name] for name in TABLE_COLUMNS], 1)
            return _Samples({"x": x, LABEL: columns[LABEL]}, "x")
        return _Samples(columns, "image")

    def write(self) -> None:
        litdata.optimize(
            self._samples(),
            list(range(self.workload.rows)),
            str(self.folder),
            chunk_bytes="16MB",
            num_workers=1,
            mode="overwrite",
            verbose=False,
        )

    def chunks(self, collate: Callable[..., Batch]) -> Loader:
        def open_loader() -> litdata.StreamingDataLoader:
            rows = litdata.StreamingDataset(str(self.folder), shuffle=True, seed=_SEED)
            return litdata.StreamingDataLoader(
                rows, batch_size=self.workload.batch, shuffle=True, collate_fn=collate
            )

        return _Loader(open_loader)


torch.set_num_threads(1)  # to gather a batch on two threads takes more time than on one
PEER = LitData
