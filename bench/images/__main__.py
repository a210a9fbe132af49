"""Print images per second and CPU seconds of each library, in alternating rounds; the best round counts.

python -m bench.images            # both folders, with one and with two CPUs
python -m bench.images training   # the first batch, and an epoch on files beside one on batches in memory
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.compare import Benchmark, PeerProcess
from bench.environments import NotInstalledError
from bench.images.first_batch import print_first_batch
from bench.images.training import compare_epochs
from bench.images.workloads import WORKLOADS

_LOADERS = [
    f"{library}_{decoder}"
    for library in ("dataloader", "webdataset", "grain")
    for decoder in ("pillow", "simplejpeg")
]
_ROW = "  {:<34} {:>10} {:>8} {:>16} {:>8} {:>9}"


def _list_sides(cpus: int) -> list[tuple[str, str]]:
    workers = ["0"] if cpus == 1 else ["0", str(cpus)]
    loaders = [
        (name, action)
        for name in _LOADERS
        for action in workers
        if action == "0" or not name.startswith("grain")  # whose worker processes start again for each epoch
    ]
    return [("headrace", "epoch"), *loaders, ("tensorflow", "epoch")]


def _measure(benchmark: Benchmark, rounds: int) -> float:
    results: dict[tuple[str, str], list[dict[str, Any]]] = {}
    with ExitStack() as stack:
        processes: dict[tuple[str, str], PeerProcess] = {}
        for side in _list_sides(benchmark.cpus):
            try:
                processes[side] = stack.enter_context(PeerProcess(side[0], benchmark))
            except NotInstalledError as error:
                print(f"  {side[0]}: {error}")
        for number in range(rounds + 1):
            for side, process in processes.items():
                measured = process.run_pass(side[1])
                if number:  # the first pass fills caches
                    results.setdefault(side, []).append(measured)
    print(_ROW.format("", "images/s", "of ours", "CPU us an image", "of ours", "peak MB"))
    best = {
        side: (min(each["seconds"] for each in found), min(each["cpu_seconds"] for each in found))
        for side, found in results.items()
    }
    ours = best["headrace", "epoch"]
    for side, found in results.items():
        (wall, cpu), rows = best[side], found[0]["rows"]
        name = side[0] + ("" if side[1] == "epoch" else f", {side[1]} workers")
        peak = max(each["peak_mb"] for each in found)
        times = f"{rows / wall:,.0f}", f"{ours[0] / wall:.2f}x", f"{cpu / rows * 1e6:.1f}"
        print(_ROW.format(name, *times, f"{cpu / ours[1]:.2f}x", f"{peak:.0f}"), flush=True)
    means = [each["checks"]["mean"] for found in results.values() for each in found]
    is_random = WORKLOADS[benchmark.workload].augmented
    if not is_random and max(means) - min(means) > 0.02:
        raise SystemExit(f"the pixels differ: means from {min(means):.3f} to {max(means):.3f}")
    return ours[0]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser("python -m bench.images")
    parser.add_argument("what", nargs="?", choices=("loading", "training"), default="loading")
    parser.add_argument("--workloads", nargs="+", choices=list(WORKLOADS), default=list(WORKLOADS))
    parser.add_argument("--cpus", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        for name in options.workloads:
            workload, root = WORKLOADS[name], Path(directory) / name
            workload.write(root)
            if options.what == "training":
                print_first_batch(name, root, options.rounds)
                compare_epochs(workload, root, options.rounds)
                continue
            seconds = []
            for cpus in options.cpus:
                print(f"{workload.files:,} files of {workload.side} pixels to {workload.target}, {cpus} CPUs")
                seconds.append(_measure(Benchmark("images", name, root, cpus), options.rounds))
            if len(seconds) == 2:
                print(f"  headrace, second CPU: {seconds[0] / seconds[1]:.2f}x")


if __name__ == "__main__":
    main()
