"""Images augmented per second: in whole batches by Headrace, one by one by torchvision.transforms.v2.

The same steps: flip with probability 1/2, shift, rotation and zoom (bilinear, zeros outside), brightness,
contrast, and a cutout of 1/16 of the image. The output is a batch; torchvision's images are stacked, on two
CPUs by a DataLoader with two workers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from bench.compare import Benchmark, Result, compare
from bench.transform.report import table_line
from bench.vision.augment.workloads import WORKLOADS

__all__ = ["lines"]

_PEERS = ["headrace", "torchvision"]
_TOLERANCE = 0.1  # of a batch's mean: steps are random; we add brightness, torchvision multiplies


def lines(cpus: int, rounds: int) -> Iterable[str]:
    """Yield the lines of all workloads."""
    for name, workload in WORKLOADS.items():
        benchmark = Benchmark("vision.augment", name, Path.cwd(), cpus)
        yield from _lines(name, workload.target, compare(benchmark, _PEERS, "augment", rounds))


def _lines(name: str, target: float, results: list[Result]) -> Iterable[str]:
    ours, theirs = results
    yield table_line(name, "images", ours, ours.rate, None, "")
    means = ours.checks["mean"], theirs.checks["mean"]
    agrees = math.isclose(*means, rel_tol=_TOLERANCE)
    verdict = "agree" if agrees else f"DIFFER: means {means[0]:.3g} and {means[1]:.3g}"
    yield table_line(name, "images", theirs, ours.rate, target, verdict)
