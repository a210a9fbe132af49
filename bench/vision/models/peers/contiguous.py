"""Our model with weights in PyTorch's default memory order, channels first."""

from __future__ import annotations

import torch
from torch import nn

from bench.vision.models.peers.eager import Eager


class Contiguous(Eager):
    def model(self) -> nn.Module:
        return super().model().to(memory_format=torch.contiguous_format)  # pyright: ignore[reportCallIssue]


PEER = Contiguous
