"""Our model as it is, its weights in channels-last memory order; trained with memory kept, as `fit` does."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import torch
from torch import nn

import headrace as hr
from bench.vision.models.torch_side import TorchSide


class Eager(TorchSide):
    def __init__(self, workload: str, directory: Path, processors: int) -> None:
        super().__init__(workload, directory, processors)
        self._memory = ExitStack()

    def model(self) -> nn.Module:
        side, classes = (self.workload.side,) * 2, self.workload.classes
        made = hr.vision.create_model(
            self.workload.name, num_classes=classes, in_channels=self.workload.channels, input_size=side
        )
        return made.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]

    def prepare(self, action: str) -> None:
        super().prepare(action)
        if action == "training":
            self._memory.enter_context(hr.training.reuse_freed_memory())


SIDE = Eager
