"""Our unfused model with weights in channels-last order; training reuses freed memory, as in `fit`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import torch
from torch import nn

import headrace as hr
from bench.vision.models.torch_peer import TorchPeer


class Eager(TorchPeer):
    def __init__(self, workload: str, directory: Path, cpus: int) -> None:
        super().__init__(workload, directory, cpus)
        self._memory = ExitStack()

    def model(self) -> nn.Module:
        model = hr.vision.create_model(
            self.workload.name,
            num_classes=self.workload.classes,
            in_channels=self.workload.channels,
            input_size=(self.workload.side, self.workload.side),
        )
        return model.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]

    def prepare(self, action: str) -> None:
        super().prepare(action)
        if action == "training":
            self._memory.enter_context(hr.training.reuse_freed_memory())


PEER = Eager
