"""One small pass of each figure of `make bench-scale` that needs no other process."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

SIZES = {"plan": 20, "plot": 5, "sums": 5, "clips": 9, "labels": 4, "cache": 3}
WIDE = ("parquet", "csv", "onnx", "verify")
KEYED = ("z_per_key", "buckets_per_key", "gaussian_per_key")


@pytest.mark.parametrize("name", [*SIZES, *KEYED, *WIDE])
def test_each_figure_makes_passes(name: str, tmp_path: Path) -> None:
    figure = import_module("bench.scale.figures").FIGURES[name]
    peer = import_module("bench.scale.peers.headrace").PEER(name, tmp_path, 1)
    peer.workload = replace(figure, size=SIZES.get(name, 4), rows=60)
    actions = [name, *(each for each in figure.ratios if each not in ("duckdb", "polars"))]
    for action in actions:
        peer.prepare(action)
        peer.clear(action)
        rows, checks = peer.run(action)
        size = 2 if action == "half" else SIZES.get(name, 4)
        assert rows == (60 if name in KEYED else size)
        assert checks().get("rows", 60) == (20 * size if name in ("parquet", "csv") else 60)
