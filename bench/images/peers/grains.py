"""Grain: files by number, on threads without workers, and in processes with them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import grain  # pyright: ignore[reportMissingImports]
import numpy as np

from bench.images.peers.image_peer import BATCH, ImagePeer

__all__ = ["Grains"]

_BUFFER = 4  # batches


class Grains(ImagePeer):
    def prepare(self, action: str) -> None:
        super().prepare(action)
        self._files = list(self.workload.list_files(self.directory))
        self._epochs = 0

    def open_batches(self, workers: int) -> Iterable[Any]:
        self._epochs += 1
        rows = grain.MapDataset.source(self._files).shuffle(self._epochs).map(self._load).batch(BATCH)
        batches = rows.to_iter_dataset(grain.ReadOptions(self.cpus, _BUFFER))
        return batches.mp_prefetch(grain.MultiprocessingOptions(workers)) if workers else batches

    def _load(self, file: tuple[str, int]) -> tuple[np.ndarray, int]:
        path, label = file
        return self.change(type(self).decode(Path(path).read_bytes())), label
