"""Headrace: whole batches."""

from __future__ import annotations

from functools import partial

import torch

from bench import peer
from bench.vision.augment.workloads import WORKLOADS, Images
from headrace.vision import augment as a


def compose_steps(workload: Images) -> a.Augmentation:
    """Compose the steps of a workload."""
    limits = (0, 255) if workload.dtype == "uint8" else (0, 1)
    if workload.steps == "crop":
        side, padding = workload.crop
        return a.compose(a.Flip(), a.RandomCrop(side, side, padding=padding), fill="zeros")
    if workload.steps == "colour":
        return a.compose(a.Brightness(0.2), a.Contrast(0.2), a.Saturation(0.2), a.Hue(18), limits=limits)
    if workload.steps == "blur":
        return a.compose(a.GaussianBlur((0.1, 2.0)))
    if workload.steps == "trivial":
        return a.compose(a.TrivialAugment(), fill="zeros")
    steps = (a.Flip(), a.Rotate(15), a.Shift(0.1), a.Zoom(0.2), a.Brightness(0.2), a.Contrast(0.2))
    return a.compose(*steps, a.Cutout(workload.hole), fill="zeros", limits=limits)


class Headrace(peer.Peer):
    workloads = WORKLOADS

    def prepare(self, action: str) -> None:  # noqa: ARG002
        torch.set_num_threads(self.cpus)
        self._images = self.workload.images()
        self._augment = compose_steps(self.workload)
        self._passes = 0

    def run(self, action: str) -> peer.PassResult:  # noqa: ARG002
        self._passes += 1
        generator = torch.Generator().manual_seed(self._passes)
        for batch in self._images.split(self.workload.batch):
            augmented = self._augment(batch, seed=generator)
        return peer.PassResult(len(self._images), partial(self.workload.mean, augmented))


PEER = Headrace
