"""Headrace on tensors, without its kernels: as on a GPU."""

from __future__ import annotations

from functools import partial

import torch

from bench import peer
from bench.vision.augment.peers.headrace import compose_steps
from bench.vision.augment.workloads import WORKLOADS
from headrace.vision.augment.evaluation import evaluate_on_tensors
from headrace.vision.augment.sampled import sample_augmentation


class Tensors(peer.Peer):
    workloads = WORKLOADS

    def prepare(self, action: str) -> None:  # noqa: ARG002
        torch.set_num_threads(self.cpus)
        self._images = self.workload.images()
        self._augment = compose_steps(self.workload)
        self._passes = 0

    def run(self, action: str) -> peer.PassResult:  # noqa: ARG002
        self._passes += 1
        generator = torch.Generator().manual_seed(self._passes)
        steps, fill, limits = self._augment.steps, self._augment.fill, self._augment.limits
        for batch in self._images.split(self.workload.batch):
            sampled = sample_augmentation(steps, batch.shape, generator, fill=fill, limits=limits)
            augmented = evaluate_on_tensors(sampled, batch)
        return peer.PassResult(len(self._images), partial(self.workload.mean, augmented))


PEER = Tensors
