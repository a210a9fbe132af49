"""Our model fused by `vision.fuse`, without reuse of freed memory."""

from __future__ import annotations

import headrace as hr
from bench.vision.models.peers.eager import Eager


class Fused(Eager):
    def prepare(self, action: str) -> None:
        super().prepare(action)
        if action == "inference":
            self._model = hr.vision.fuse(self._model)


PEER = Fused
