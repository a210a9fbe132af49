"""timm, eager, as its documentation recommends."""

from __future__ import annotations

import timm
from torch import nn

from bench.vision.models.torch_peer import TorchPeer


class Timm(TorchPeer):
    def model(self) -> nn.Module:
        return timm.create_model(self.workload.peers["timm"], pretrained=False)


PEER = Timm
