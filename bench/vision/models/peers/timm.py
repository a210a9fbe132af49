"""timm, eager, as its documentation shows it."""

from __future__ import annotations

import timm
from torch import nn

from bench.vision.models.torch_side import TorchSide


class Timm(TorchSide):
    def model(self) -> nn.Module:
        return timm.create_model(self.workload.peers["timm"], pretrained=False)


SIDE = Timm
