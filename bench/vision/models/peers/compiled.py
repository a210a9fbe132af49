"""Our model through `torch.compile`, as in `fit(..., compile=True)`."""

from __future__ import annotations

from torch import nn

from bench.vision.models.peers.eager import Eager


class Compiled(Eager):
    def model(self) -> nn.Module:
        model = super().model()
        model.compile()
        return model


PEER = Compiled
