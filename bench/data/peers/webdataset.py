"""webdataset: tar shards, read in order through a shuffle buffer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
import webdataset as wds

from bench.data.loader_peer import Batch, Loader, LoaderPeer
from bench.data.workloads import LABEL, PIXELS

_SHARDS, _WINDOW = 4, 1024
Sample = dict[str, Any]


def _label(sample: Sample) -> int:
    return int(sample["cls"])


def _collate_images(samples: Sequence[Sample]) -> Batch:
    """Convert samples to tensors without a loop over pixels."""
    pixels = np.frombuffer(bytearray().join(sample["bin"] for sample in samples), np.uint8)
    labels = torch.tensor([_label(sample) for sample in samples])
    return {"image": torch.from_numpy(pixels.reshape(-1, *PIXELS)), LABEL: labels}


def _collate_bytes(samples: Sequence[Sample]) -> Batch:
    labels = torch.tensor([_label(sample) for sample in samples])
    return {"data": [sample["bin"] for sample in samples], LABEL: labels}


class WebDataset(LoaderPeer):
    loaders: ClassVar[Mapping[str, Callable[[Any], Loader]]] = {
        "images tar": lambda peer: peer.tar(peer.workload.rows, _collate_images),
        "photos tar": lambda peer: peer.tar(peer.workload.rows, _collate_bytes),
        "payloads window": lambda peer: peer.tar(_WINDOW, _collate_bytes),
    }

    def _samples(self) -> Iterator[tuple[bytes, int]]:
        if self.workload.name == "photos":
            for path in self.files("photos/*/*.jpg"):
                with open(path, "rb") as file:  # noqa: PTH123 - ten thousand of them
                    yield file.read(), int(path.split("/")[-2])
            return
        columns = self.workload.columns()
        first = next(iter(columns.values()))
        for value, label in zip(first, columns[LABEL], strict=True):
            yield value if isinstance(value, bytes) else value.tobytes(), int(label)

    def write(self) -> None:
        maximum = -(-self.workload.rows // _SHARDS)
        with wds.ShardWriter(str(self.folder / "%05d.tar"), maxcount=maximum, verbose=0, mtime=0) as writer:
            for row, (value, label) in enumerate(self._samples()):
                writer.write({"__key__": f"{row:06}", "bin": value, "cls": label})

    def tar(self, window: int, collate: Callable[[Sequence[Sample]], Batch]) -> Loader:
        shards = sorted(str(path) for path in self.folder.glob("*.tar"))
        rows = wds.WebDataset(shards, shardshuffle=_SHARDS, empty_check=False).shuffle(window, initial=window)
        batches = rows.batched(self.workload.batch, collation_fn=collate)
        return Loader(lambda number: iter(batches))  # noqa: ARG005


torch.set_num_threads(1)  # to gather a batch on two threads takes more time than on one
PEER = WebDataset
