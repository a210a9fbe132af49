"""Our model through `torch.compile`, as `fit(..., compile=True)` puts it."""

from __future__ import annotations

from torch import nn

from bench.vision.models.peers.eager import Eager


class Compiled(Eager):
    def model(self) -> nn.Module:
        made = super().model()
        made.compile()
        return made


SIDE = Compiled
