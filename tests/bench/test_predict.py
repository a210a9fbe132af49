"""One small pass of each figure of `make bench-predict` that needs no other environment."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pyarrow as pa
import pytest

import headrace as hr

ROOT = Path(__file__).parents[2]


def write_files(folder: Path) -> None:
    workload = import_module("bench.predict.workload")
    files = workload.Files(folder, workload.WORKLOADS["small"])
    workload.write_rows(files, ROOT / "src/headrace/datasets/samples/housing.csv.gz")
    batch = pa.record_batch(
        {"median_income": pa.array([1.0, 2.0], pa.float32()), "ocean_proximity": ["a", "b"]}
    )
    transform = hr.transform.analyze(
        lambda x: {
            "median_house_value": hr.transform.where(
                x["ocean_proximity"] == "INLAND", 1.0, x["median_income"]
            )
        },
        [batch],
    )
    transform.to_onnx(files.model)


def test_the_figures_agree_with_the_plain_loop(tmp_path: Path) -> None:
    write_files(tmp_path)
    figures = import_module("bench.predict.__main__").FIGURES
    ours = import_module("bench.predict.peers.headrace").PEER("small", tmp_path, 1)
    plain = import_module("bench.predict.peers.plain").PEER("small", tmp_path, 1)
    for name, figure in figures.items():
        ours.prepare(name)
        rows, checks = ours.run(name)
        if name == "csv":
            assert rows == 300
            assert checks()["peak_mb"] > 0
        if "plain" in figure.peers:
            plain.prepare(name)
            same_rows, expected = plain.run(name)
            assert rows == same_rows
            assert checks()["answers"] == pytest.approx(expected()["answers"], rel=1e-6)
