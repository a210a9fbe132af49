"""Headrace: a transform, whose images the kernels decode, and augmentation of whole batches."""

from __future__ import annotations

from typing import Any

import torch

import headrace as hr
from bench import peer
from bench.images.workloads import BATCH, CLASSES, DEVIATION, MEAN, PADDING, WORKLOADS
from headrace.vision.augment import Flip, RandomCrop, compose


class Headrace(peer.Peer):
    workloads = WORKLOADS

    def prepare(self, action: str) -> None:  # noqa: ARG002
        torch.set_num_threads(1)  # batches are small: more threads wait for one another
        side = self.workload.target

        def preprocess(inputs: Any) -> dict[str, Any]:
            t = hr.transform
            pixels = t.rescale(t.resize(t.decode_image(inputs["image"]), side, side), 1 / 255)
            label = t.apply_vocabulary(inputs["label"], CLASSES)
            return {"image": t.standardize(pixels, MEAN, DEVIATION), "label": label}

        data = hr.Dataset.from_images(self.directory)
        transform = hr.transform.analyze(preprocess, data.shuffle(seed=0).take(100))
        self._batches = data.shuffle(seed=0).map(transform).batch(BATCH).prefetch()
        self._augment = compose(Flip(), RandomCrop(side, side, padding=PADDING))
        self._generator = torch.Generator().manual_seed(0)

    def run(self, action: str) -> peer.PassResult:  # noqa: ARG002
        rows = total = 0.0
        for batch in self._batches.to_torch():
            images = batch["image"]
            if self.workload.augmented:
                images = self._augment(images, seed=self._generator)
            rows += len(images)
            total += images[:, :, ::8, ::8].mean().item() * len(images)
        return peer.PassResult(int(rows), lambda: {"mean": total / rows})


PEER = Headrace
