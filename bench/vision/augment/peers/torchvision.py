"""torchvision.transforms.v2, image by image, as a DataLoader calls it."""

from __future__ import annotations

from functools import partial

import torch
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from bench import peer
from bench.vision.augment.workloads import WORKLOADS, Images


def _compose_steps(workload: Images) -> v2.Compose:
    if workload.steps == "crop":
        side, padding = workload.crop
        return v2.Compose([v2.RandomHorizontalFlip(), v2.RandomCrop(side, padding=padding)])
    if workload.steps == "colour":
        return v2.Compose([v2.ColorJitter(brightness=0.2, contrast=0.2, saturation=0.2, hue=0.05)])
    if workload.steps == "blur":
        return v2.Compose([v2.GaussianBlur(13, (0.1, 2.0))])  # 3 deviations on both sides
    if workload.steps == "trivial":
        return v2.Compose([v2.TrivialAugmentWide(interpolation=v2.InterpolationMode.BILINEAR)])
    bilinear = v2.InterpolationMode.BILINEAR
    hole = (workload.hole / workload.side) ** 2
    return v2.Compose(
        [
            v2.RandomHorizontalFlip(),
            v2.RandomAffine(15, translate=(0.1, 0.1), scale=(0.8, 1.2), interpolation=bilinear),
            v2.ColorJitter(brightness=0.2, contrast=0.2),
            v2.RandomErasing(p=1, scale=(hole, hole), ratio=(1, 1)),
        ]
    )


class _Augmented(Dataset):
    def __init__(self, workload: Images) -> None:
        self._images = workload.images()
        self._change = _compose_steps(workload)

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, row: int) -> torch.Tensor:
        return self._change(self._images[row])


class Torchvision(peer.Peer):
    workloads = WORKLOADS

    def prepare(self, action: str) -> None:  # noqa: ARG002
        torch.set_num_threads(1)  # more threads are slower for images of this size
        workers = self.cpus if self.cpus > 1 else 0
        self._data = _Augmented(self.workload)
        self._batches = DataLoader(
            self._data, self.workload.batch, num_workers=workers, persistent_workers=workers > 0
        )

    def run(self, action: str) -> peer.PassResult:  # noqa: ARG002
        for batch in self._batches:
            augmented = batch
        return peer.PassResult(len(self._data), partial(self.workload.mean, augmented))


PEER = Torchvision
