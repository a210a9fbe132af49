"""One tiny round of each of our own workloads of `make bench-data`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

ROWS = 300


def ours() -> list[Any]:
    return [
        (comparison.workload, each.variant)
        for comparison in import_module("bench.data.comparisons").COMPARISONS.values()
        for each in comparison.contenders
        if each.peer == "headrace"
    ]


def make_peer(workload: str, directory: Path) -> Any:
    peer = import_module("bench.data.peers.headrace").PEER(f"{workload}:{ROWS}", directory, 1)
    peer.run("write")
    return peer


def run(peer: Any, action: str) -> tuple[int, Mapping[str, float]]:
    peer.prepare(action)
    rows, checks = peer.run(action)
    return rows, checks()


def test_every_row_is_loaded_once_in_each_of_our_variants(tmp_path: Path) -> None:
    summarize = import_module("bench.data.workloads").summarize
    for workload, variant in ours():
        peer = make_peer(workload, tmp_path / variant)
        rows, checks = run(peer, f"check {variant}")
        assert rows == ROWS, (workload, variant)
        if workload not in ("photos", "text"):  # which are encoded, and ragged
            expected = summarize([peer.workload.columns()])
            assert math.isclose(checks["content"], expected["content"], rel_tol=1e-6), (workload, variant)
            assert checks["labels"] == expected["labels"], (workload, variant)
        if workload == "text":
            assert checks["content"] == sum(int(row.sum()) for row in peer.workload.columns()["tokens"])
        assert run(peer, f"epoch {variant}")[0] == ROWS, (workload, variant)


def test_a_rank_and_a_resumed_epoch_are_loaded(tmp_path: Path) -> None:
    peer = make_peer("images", tmp_path)
    assert run(peer, "epoch rank")[0] in (ROWS // 8, ROWS // 8 + 1)
    assert run(peer, "resume 50 records")[0] == peer.workload.batch


def test_stages_are_measured() -> None:
    stages = import_module("bench.data.stages")
    assert set(stages.measure(batches=5, rounds=1)) == set(stages.STAGES)


def test_conversions_to_tensors_are_measured() -> None:
    door = import_module("bench.data.torch_door")
    found = door.measure(batches=5, rounds=1)
    assert len(found) == 4 * len(door.COLUMNS) + 4


def test_gathers_are_measured() -> None:
    gather = import_module("bench.data.gather")
    for shape in gather.SHAPES:
        found = gather.measure(shape, rows=100, gathered=8, rounds=1, seconds=1e-5)
        assert {"RowPool", "pyarrow, one batch", "pyarrow, table", "copy"} <= set(found)


def test_a_peer_that_is_not_installed_is_reported_with_the_reason() -> None:
    comparisons, measure = import_module("bench.data.comparisons"), import_module("bench.data.measure")
    comparison = comparisons.COMPARISONS["images"]
    headrace, missing = comparison.contenders[0], comparison.contenders[-1]
    found = [
        measure.Figures(headrace, rows=ROWS, rounds=[(1.0, 1.0)]),
        measure.Figures(missing, "not installed: no matching distribution"),
    ]
    report = import_module("bench.data.report").comparison_lines("images", comparison, found)
    assert f"{missing.peer} {missing.variant}" in report
    assert "not installed: no matching distribution" in report
