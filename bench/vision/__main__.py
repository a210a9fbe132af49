"""Runs the comparison that is named."""

from __future__ import annotations

import argparse
import os

import bench.vision
from bench.transform.report import heading
from bench.vision import augment, models

_COMPARISONS = {"augment": augment.lines, "models": models.lines}


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m bench.vision", description=bench.vision.__doc__.splitlines()[0]
    )
    parser.add_argument("comparison", choices=list(_COMPARISONS))
    parser.add_argument("--processors", nargs="+", type=int, default=[1, 2], help="how many a side may use")
    parser.add_argument("--rounds", type=int, default=4, help="turns of each side")
    options = parser.parse_args()
    available = len(os.sched_getaffinity(0))
    for count in (each for each in options.processors if each <= available):
        print(f"{count} processor{'s' if count > 1 else ''}")
        print(heading())
        for line in _COMPARISONS[options.comparison](count, options.rounds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
