"""Our model by `vision.fused`, as eager PyTorch runs it: memory is not kept."""

from __future__ import annotations

import headrace as hr
from bench.vision.models.peers.eager import Eager


class Fused(Eager):
    def prepare(self, action: str) -> None:
        super().prepare(action)
        if action == "inference":
            self._model = hr.vision.fuse(self._model)


SIDE = Fused
