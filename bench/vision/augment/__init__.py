"""Images augmented a second: whole batches by Headrace, one by one by torchvision.transforms.v2.

The same steps: mirrored half the time, moved, turned and zoomed (bilinear, zeros outside), brightness and
contrast changed, a square cut out, 1/16 of the image. What comes out is a batch; torchvision's images are
stacked, on two processors by a DataLoader with two workers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from bench.contest import Event, Result, contest
from bench.transform.report import table_line
from bench.vision.augment.workloads import WORKLOADS

__all__ = ["lines"]

_SIDES = ["headrace", "torchvision"]
_ALIKE = 0.1  # of the mean of one batch: steps are random, brightness is added here and multiplied there


def lines(processors: int, rounds: int) -> Iterable[str]:
    """The lines of all workloads, as they come."""
    for name, workload in WORKLOADS.items():
        event = Event("vision.augment", name, Path.cwd(), processors)
        yield from _lines(name, workload.bar, contest(event, _SIDES, "augment", rounds))


def _lines(name: str, bar: float, results: list[Result]) -> Iterable[str]:
    ours, theirs = results
    yield table_line(name, "images", ours, ours.rate, None, "")
    means = ours.answer["mean"], theirs.answer["mean"]
    alike = math.isclose(*means, rel_tol=_ALIKE)
    verdict = "alike" if alike else f"DIFFER: means {means[0]:.3g} and {means[1]:.3g}"
    yield table_line(name, "images", theirs, ours.rate, bar, verdict)
