"""Two processes by torchrun beside one process with two threads: time and memory of a training step.

    python -m bench.training.ranks
    python -m bench.training.ranks --rounds 5 --network dense --batch-size 1024

Both train the same batches, in alternating rounds; the least wall time of each counts, and beside it the
least CPU time of all their processes. Each trains for few epochs and for many, which gives the time of a step
without the start. Throughputs are compared by wall times, which need an idle machine of two CPUs.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from headrace import Dataset
from headrace.training import fit

LIMIT = 1.0
BATCHES = 16  # of an epoch
SHORT = 1  # epochs
LONG = {"convolutions": 5, "dense": 40}
_ROW = "{:<26} {:>24} {:>24} {:>6} {:>18}  {}"


def make_network(name: str) -> nn.Module:
    """Make a network for images of 28 x 28: of convolutions, or of dense layers."""
    torch.manual_seed(0)
    if name == "dense":
        sizes = [nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10)]
        return nn.Sequential(nn.Flatten(), *sizes)
    widths = (1, 32, 64, 64)
    blocks = [
        each
        for before, after in pairwise(widths)
        for each in (nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU())
    ]
    return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def train(name: str, epochs: int, batch_size: int) -> None:
    """Train in this process, or as one of several ranks."""
    generator = np.random.default_rng(0)
    rows = BATCHES * batch_size
    images = generator.normal(size=(rows, 1, 28, 28)).astype(np.float32)
    data = Dataset.from_arrays({"x": images, "y": generator.integers(0, 10, rows)})
    with tempfile.TemporaryDirectory() as folder:
        fit(
            make_network(name),
            data.shuffle(seed=0),
            data.take(64),
            label="y",
            out_dir=folder,
            epochs=epochs,
            batch_size=batch_size,
            progress=False,
            device="cpu",
        )


class Measured(NamedTuple):
    """A training in processes of its own: its seconds, and their peak memory together in MB."""

    wall: float
    cpu: float
    peak_mb: float


def measure(ranks: int, name: str, epochs: int, batch_size: int) -> Measured:
    """Train in processes of their own."""
    own = ["-m", "bench.training.ranks", "--worker", name, str(epochs), "--batch-size", str(batch_size)]
    launcher = ["-m", "torch.distributed.run", f"--nproc-per-node={ranks}"] if ranks > 1 else []
    variables = {**os.environ, "GOMP_SPINCOUNT": "5000"}  # as `headrace run` sets it
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, *launcher, *own]
    done = subprocess.run(command, env=variables, check=True, capture_output=True, text=True)
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(wall, cpu, sum(map(float, done.stdout.split())))


def compare(name: str, batch_size: int, rounds: int) -> bool:
    """Print the line of a network; return whether two ranks are as fast as one process."""
    most = LONG[name]
    found: dict[tuple[int, int], list[Measured]] = {}
    for _ in range(rounds):
        for key in ((1, SHORT), (2, SHORT), (1, most), (2, most)):
            found.setdefault(key, []).append(measure(key[0], name, key[1], batch_size))
    least = {key: [min(times) for times in zip(*each, strict=True)] for key, each in found.items()}
    one, two = (
        [(long - short) / (most - SHORT) / BATCHES * 1e3 for long, short in zip(*pair, strict=True)]
        for pair in ((least[ranks, most], least[ranks, SHORT]) for ranks in (1, 2))
    )
    cells = [f"{wall:.1f} ms, CPU {cpu:.1f} ms" for wall, cpu, _ in (one, two)]
    memory = f"{least[1, SHORT][2]:.0f}, {least[2, SHORT][2]:.0f} MB"
    holds = one[0] / two[0] >= LIMIT
    verdict = "ok" if holds else "BELOW"
    print(
        _ROW.format(f"{name}, {batch_size} rows", *cells, f"{one[0] / two[0]:.2f}", memory, verdict),
        flush=True,
    )
    return holds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--network", choices=LONG, help="only this network")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--worker", nargs=2, metavar=("NETWORK", "EPOCHS"))
    arguments = parser.parse_args()
    if arguments.worker:
        train(arguments.worker[0], int(arguments.worker[1]), arguments.batch_size)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    print(_ROW.format("a step", "one, 2 threads", "two ranks", "ratio", "peak memory", f"limit {LIMIT}"))
    names = [arguments.network] if arguments.network else list(LONG)
    held = [compare(name, arguments.batch_size, arguments.rounds) for name in names]
    if not all(held):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
