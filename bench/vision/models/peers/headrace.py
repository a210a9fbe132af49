"""Headrace: `vision.fused` infers, memory kept; it trains as `fit` does; `predict` runs the exported file."""

from __future__ import annotations

import headrace as hr
from bench.vision.models.peers.eager import Eager


class Headrace(Eager):
    def prepare(self, action: str) -> None:
        super().prepare(action)
        if action == "inference":
            self._model = hr.vision.fused(self._model)
            self._memory.enter_context(hr.training.kept_memory())


SIDE = Headrace
