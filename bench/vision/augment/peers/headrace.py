"""Headrace: whole batches."""

from __future__ import annotations

from functools import partial

import torch

from bench import peer
from bench.vision.augment.workloads import WORKLOADS
from headrace.vision import augment as a


class Headrace(peer.Peer):
    workloads = WORKLOADS

    def prepare(self, action: str) -> None:  # noqa: ARG002
        torch.set_num_threads(self.cpus)
        self._images = self.workload.images()
        steps = (a.Flip(), a.Rotate(15), a.Shift(0.1), a.Zoom(0.2), a.Brightness(0.2), a.Contrast(0.2))
        limits = (0, 255) if self.workload.dtype == "uint8" else (0, 1)
        self._augment = a.compose(*steps, a.Cutout(self.workload.hole), fill="zeros", limits=limits)
        self._passes = 0

    def run(self, action: str) -> peer.PassResult:  # noqa: ARG002
        self._passes += 1
        generator = torch.Generator().manual_seed(self._passes)
        for batch in self._images.split(self.workload.batch):
            augmented = self._augment(batch, seed=generator)
        return peer.PassResult(len(self._images), partial(self.workload.mean, augmented))


PEER = Headrace
