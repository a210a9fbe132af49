"""Our model through `torch.compile`, as `fit(..., compile=True)` puts it."""

from __future__ import annotations

from torch import nn

from bench.vision.models.peers.headrace import Headrace


class Compiled(Headrace):
    def model(self) -> nn.Module:
        made = super().model()
        made.compile()
        return made


SIDE = Compiled
