"""Run a comparison by name."""

from __future__ import annotations

import argparse
import os

import bench.vision
from bench.transform import report
from bench.vision import augment, models

_COMPARISONS = {"augment": (augment.header, augment.lines), "models": (report.header, models.lines)}


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m bench.vision", description=bench.vision.__doc__.splitlines()[0]
    )
    parser.add_argument("comparison", choices=list(_COMPARISONS))
    parser.add_argument("--cpus", nargs="+", type=int, default=[1, 2], help="number of CPUs per peer")
    parser.add_argument("--rounds", type=int, default=4, help="number of rounds of each peer")
    options = parser.parse_args()
    available = len(os.sched_getaffinity(0))
    for count in (each for each in options.cpus if each <= available):
        print(f"{count} CPU{'s' if count > 1 else ''}")
        header, lines = _COMPARISONS[options.comparison]
        print(header())
        for line in lines(count, options.rounds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
