"""CPU time per image: in whole batches by Headrace, one by one by torchvision.transforms.v2.

"32-uint8" to "224-float" are seven steps: flip with probability 1/2, shift, rotation and zoom (bilinear,
zeros outside), brightness, contrast, and a cutout of 1/16 of the image. "crop" is a flip and a crop, of 32
pixels with a padding of 4 or of 224 of 256; "colour" brightness, contrast, saturation and hue; "blur" a
Gaussian; "trivial" TrivialAugment. The output is a batch; torchvision's images are stacked, on two CPUs by
a DataLoader with two workers. "tensors" is Headrace without its kernels, as on a GPU. Each peer's least CPU
time of all passes counts, of all of its processes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from bench.compare import Benchmark, Result, compare
from bench.vision.augment.workloads import WORKLOADS

__all__ = ["header", "lines"]

_PEERS = ["headrace", "tensors", "torchvision"]
_TOLERANCE = 0.1  # of a batch's mean: steps are random; we add brightness, torchvision multiplies
_ROW = "{:<12} {:<12} {:>13} {:>16} {:>8} {:>7} {:>6}  {}"


def header() -> str:
    """Format the header of the table."""
    return _ROW.format("images", "peer", "CPU us/image", "images/s", "peak MB", "ratio", "target", "results")


def lines(cpus: int, rounds: int) -> Iterable[str]:
    """Yield the lines of all workloads."""
    for name, workload in WORKLOADS.items():
        benchmark = Benchmark("vision.augment", name, Path.cwd(), cpus)
        yield from _lines(name, workload.target, compare(benchmark, _PEERS, "augment", rounds))


def _lines(name: str, target: float, results: list[Result]) -> Iterable[str]:
    ours = results[0]
    for each in results:
        ratio, required, verdict = "", "", ""
        if each is not ours:
            ratio = f"{each.cpu_per_row / ours.cpu_per_row:.1f}x"
            means = ours.checks["mean"], each.checks["mean"]
            agrees = math.isclose(*means, rel_tol=_TOLERANCE)
            verdict = "agree" if agrees else f"DIFFER: means {means[0]:.3g} and {means[1]:.3g}"
        if each.peer == "torchvision":
            required = f"{target:g}x"
        microseconds = f"{each.cpu_per_row * 1e6:,.2f}"
        peak = f"{each.peak_mb:,.0f}"
        yield _ROW.format(
            name, each.peer, microseconds, f"{each.rate:,.0f}", peak, ratio, required, verdict
        ).rstrip()
