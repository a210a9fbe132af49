"""webdataset: tar shards, read in order through a shuffle buffer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
import webdataset as wds  # pyright: ignore[reportMissingImports]

from bench.images.peers.image_peer import BATCH, ImagePeer

__all__ = ["Tar"]

_SHARDS, _WINDOW = 8, 1024


class Tar(ImagePeer):
    def prepare(self, action: str) -> None:
        super().prepare(action)
        folder = self.directory.with_name(f"{self.directory.name}-shards")
        if not folder.exists():
            self._write(folder)
        self._shards = sorted(map(str, folder.glob("*.tar")))

    def _write(self, folder: Path) -> None:
        folder.mkdir()
        files = sorted(self.workload.list_files(self.directory), key=lambda file: Path(file[0]).name)
        most = -(-len(files) // _SHARDS)
        with wds.ShardWriter(str(folder / "%05d.tar"), maxcount=most, verbose=0, mtime=0) as writer:
            for path, label in files:
                writer.write({"__key__": Path(path).stem, "jpg": Path(path).read_bytes(), "cls": label})

    def open_batches(self, workers: int) -> Iterable[Any]:
        rows = wds.WebDataset(self._shards, shardshuffle=_SHARDS, empty_check=False).shuffle(_WINDOW)
        images = rows.map_dict(jpg=self._load, cls=int).to_tuple("jpg", "cls").batched(BATCH)
        return wds.WebLoader(images, batch_size=None, num_workers=workers)

    def _load(self, data: bytes) -> torch.Tensor:
        return torch.from_numpy(self.change(type(self).decode(data)))
