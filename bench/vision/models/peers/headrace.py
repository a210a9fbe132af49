"""Headrace: inference by `vision.fuse` with reuse of freed memory; training as in `fit`."""

from __future__ import annotations

import headrace as hr
from bench.vision.models.peers.fused import Fused


class Headrace(Fused):
    def prepare(self, action: str) -> None:
        super().prepare(action)
        if action == "inference":
            self._memory.enter_context(hr.training.reuse_freed_memory())


PEER = Headrace
