"""PyTorch's DataLoader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from bench.images.peers.image_peer import BATCH, ImagePeer

__all__ = ["Loader"]


class _Images(Dataset):
    def __init__(self, files: list[tuple[str, int]], load: Callable[[bytes], np.ndarray]) -> None:
        self._files, self._load = files, load

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, number: int) -> tuple[torch.Tensor, int]:
        path, label = self._files[number]
        return torch.from_numpy(self._load(Path(path).read_bytes())), label


class Loader(ImagePeer):
    def prepare(self, action: str) -> None:
        super().prepare(action)
        decode = type(self).decode
        files = list(self.workload.list_files(self.directory))
        self._images = _Images(files, lambda data: self.change(decode(data)))

    def open_batches(self, workers: int) -> Iterable[Any]:
        return DataLoader(self._images, BATCH, shuffle=True, num_workers=workers)
