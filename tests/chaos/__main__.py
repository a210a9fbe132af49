"""`make chaos`: kill every workload at 100 enumerated and 100 random points, and load while others write."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.chaos.concurrent_runs import load_while_writing
from tests.chaos.trial import Subject, kill_at_points, kill_at_random
from tests.chaos.workloads import WORKLOADS

from headrace.parallel import available_cpus

NAMES = [*reversed(WORKLOADS), "loads"]  # the longest first


def _try(name: str, trials: int, seed: int) -> str:
    """Run all trials of one workload; return what was done."""
    with tempfile.TemporaryDirectory() as root:
        if name == "loads":
            return f"{load_while_writing(Path(root), 10 * trials):,} loads, none torn"
        subject = Subject.measure(WORKLOADS[name], Path(root))
        points = kill_at_points(subject, trials)
        times = kill_at_random(subject, trials, seed)
        return f"killed at {points} of {subject.points} points and {times} random times"


def _try_in_process(name: str, options: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "tests.chaos", name, *options], check=False).returncode


def main() -> None:
    """Run one workload in this process, or several in a process each, as many at a time as there are CPUs."""
    parser = argparse.ArgumentParser("python -m tests.chaos", description=__doc__)
    parser.add_argument("workloads", nargs="*", default=NAMES, help=f"any of {', '.join(NAMES)}")
    parser.add_argument("--trials", type=int, default=100, help="kills of each kind for each workload")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if len(arguments.workloads) == 1:
        start = time.monotonic()
        done = _try(arguments.workloads[0], arguments.trials, arguments.seed)
        print(f"{arguments.workloads[0]:8} {done}  ({time.monotonic() - start:.0f} s)", flush=True)
        return
    options = [f"--trials={arguments.trials}", f"--seed={arguments.seed}"]
    with ThreadPoolExecutor(available_cpus()) as pool:
        failed = sum(map(bool, pool.map(lambda name: _try_in_process(name, options), arguments.workloads)))
    sys.exit(f"{failed} workloads failed" if failed else 0)


if __name__ == "__main__":
    main()
