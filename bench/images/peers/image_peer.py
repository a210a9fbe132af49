"""A library that decodes and augments image by image; batches are normalised as a whole."""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import numpy as np
import simplejpeg
import torch
from PIL import Image

from bench import peer
from bench.images.workloads import BATCH, DEVIATION, MEAN, PADDING, WORKLOADS

__all__ = ["BATCH", "ImagePeer", "decode_with_pillow", "decode_with_simplejpeg"]


def decode_with_pillow(data: bytes) -> np.ndarray:
    """Decode a file: uint8 [height, width, 3]."""
    with Image.open(BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def decode_with_simplejpeg(data: bytes) -> np.ndarray:
    """Decode a file: uint8 [height, width, 3]."""
    return simplejpeg.decode_jpeg(data)


class ImagePeer(peer.Peer):
    """An action is the number of worker processes."""

    workloads = WORKLOADS
    decode: Callable[[bytes], np.ndarray]

    def prepare(self, action: str) -> None:  # noqa: ARG002
        torch.set_num_threads(1)  # batches are small: more threads wait for one another
        self._mean, self._deviation = (torch.tensor(each).view(3, 1, 1) for each in (MEAN, DEVIATION))

    @abstractmethod
    def open_batches(self, workers: int) -> Iterable[Any]:
        """Open an epoch in random order: pixels uint8 [n, height, width, 3] and labels [n] of each batch."""

    def change(self, pixels: np.ndarray) -> np.ndarray:
        """Resize a decoded image, flip and crop it: uint8 [target, target, 3], writable."""
        side = self.workload.target
        if pixels.shape[0] != side:
            pixels = np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR))
        if self.workload.augmented:
            padded = np.zeros((side + 2 * PADDING, side + 2 * PADDING, 3), np.uint8)  # np.pad takes 20 us
            padded[PADDING:-PADDING, PADDING:-PADDING] = pixels
            top, left = random.randrange(2 * PADDING + 1), random.randrange(2 * PADDING + 1)
            part = padded[top : top + side, left : left + side]
            pixels = np.ascontiguousarray(part[:, ::-1] if random.randrange(2) else part)
        return pixels if pixels.flags.writeable else np.array(pixels)

    def run(self, action: str) -> peer.PassResult:
        rows = total = 0.0
        for pixels, _ in self.open_batches(int(action)):
            images = torch.as_tensor(pixels).permute(0, 3, 1, 2).contiguous().float().div_(255)
            images = images.sub_(self._mean).div_(self._deviation)
            rows += len(images)
            total += images[:, :, ::8, ::8].mean().item() * len(images)
        return peer.PassResult(int(rows), lambda: {"mean": total / rows})
