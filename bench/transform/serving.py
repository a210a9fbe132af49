"""Measure the latency of one row through the housing recipe's transform in ONNX Runtime.

python -m bench.transform.serving
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from headrace.recipes import housing
from headrace.transform import analyze

_TARGET = 100  # microseconds


def _exported(path: Path) -> Any:
    """Export the transform without its label; return one input row as ONNX Runtime's feeds."""
    rows = housing.recipe.load(None).train
    transform = analyze(housing.recipe.preprocess, rows).without(housing.recipe.label)
    transform.to_onnx(path)
    batch = next(iter(rows)).slice(0, 1)
    numbers = {name: batch.column(name) for name in transform.input_types}
    return {
        name: np.array(column.to_pylist(), object)
        if transform.input_types[name].is_string
        else column.to_numpy()
        for name, column in numbers.items()
    }


def measure(path: Path, feeds: dict[str, Any], times: int) -> np.ndarray:
    """Return the microseconds of each of `times` runs, after a tenth as many warm-up runs."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    taken = np.empty(times)
    for number in range(-times // 10, times):
        begin = time.perf_counter()
        session.run(None, feeds)
        if number >= 0:
            taken[number] = time.perf_counter() - begin
    return taken * 1e6


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.transform.serving", description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as directory:
        path = Path(directory, "housing.onnx")
        feeds = _exported(path)
        nodes = len(onnx.load(path).graph.node)
        taken = measure(path, feeds, options.times)
    median, rare = np.percentile(taken, [50, 99])
    print(
        f"housing, one row, {nodes} nodes: median {median:.0f} microseconds, p99 {rare:.0f}, "
        f"of {options.times:,} runs ({_TARGET} allowed)"
    )
    if median > _TARGET:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
