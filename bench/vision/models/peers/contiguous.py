"""Our model with its weights in PyTorch's own memory order, channels first."""

from __future__ import annotations

import torch
from torch import nn

from bench.vision.models.peers.eager import Eager


class Contiguous(Eager):
    def model(self) -> nn.Module:
        return super().model().to(memory_format=torch.contiguous_format)  # pyright: ignore[reportCallIssue]


SIDE = Contiguous
