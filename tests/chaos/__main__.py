"""`make chaos`: kill every workload at 100 enumerated and 100 random points, and load while others write."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.chaos.concurrent_runs import load_while_writing
from tests.chaos.trial import Subject, kill_at_points, kill_at_random
from tests.chaos.workloads import WORKLOADS


def main() -> None:
    """Run all workloads, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workloads", nargs="*", default=[*WORKLOADS, "loads"])
    parser.add_argument("--trials", type=int, default=100, help="kills of each kind for each workload")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    for name in arguments.workloads:
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as root:
            if name == "loads":
                done = f"{load_while_writing(Path(root), 10 * arguments.trials):,} loads, none torn"
            else:
                subject = Subject.measure(WORKLOADS[name], Path(root))
                points = kill_at_points(subject, arguments.trials)
                times = kill_at_random(subject, arguments.trials, arguments.seed)
                done = f"killed at {points} of {subject.points} points and {times} random times"
        print(f"{name:8} {done}  ({time.monotonic() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
