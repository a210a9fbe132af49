"""Runs the comparison that is named."""

from __future__ import annotations

import argparse

import bench.vision
from bench.vision import augment, models

_COMPARISONS = {"augment": augment.compare, "models": models.compare}


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m bench.vision", description=bench.vision.__doc__.splitlines()[0]
    )
    parser.add_argument("comparison", choices=list(_COMPARISONS))
    parser.add_argument("--processors", nargs="+", type=int, default=[1, 2], help="how many a side may use")
    parser.add_argument("--rounds", type=int, default=4, help="turns of each side")
    options = parser.parse_args()
    _COMPARISONS[options.comparison](options.processors, options.rounds)


if __name__ == "__main__":
    main()
