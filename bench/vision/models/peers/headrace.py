"""Headrace: `vision.fused` infers, training keeps memory as `fit` does, `predict` runs the exported file."""

from __future__ import annotations

import headrace as hr
from bench.vision.models.peers.eager import Eager


class Headrace(Eager):
    def prepare(self, action: str) -> None:
        super().prepare(action)
        if action == "inference":
            self._model = hr.vision.fused(self._model)


SIDE = Headrace
