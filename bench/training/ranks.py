"""Two processes by torchrun beside one process with two threads: CPU time and memory of a training step.

    python -m bench.training.ranks
    python -m bench.training.ranks --rounds 5 --network dense

Both train the same batches, in alternating rounds; the least CPU time of each counts, of all their processes.
Each trains for few epochs and for many, which gives the time of a step without the start. On an idle machine
of two CPUs, both keep both busy: the ratio of CPU times is then that of throughputs.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from headrace import Dataset
from headrace.training import fit

LIMIT = 1.0
ROWS, BATCH = 1024, 64
SHORT = 1  # epochs
LONG = {"convolutions": 5, "dense": 40}
_ROW = "{:<34} {:>14} {:>14} {:>8} {:>22}  {}"


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


def train(name: str, epochs: int) -> None:
    """Train in this process, or as one of several ranks."""
    generator = np.random.default_rng(0)
    images = generator.normal(size=(ROWS, 1, 28, 28)).astype(np.float32)
    data = Dataset.from_arrays({"x": images, "y": generator.integers(0, 10, ROWS)})
    with tempfile.TemporaryDirectory() as folder:
        fit(
            make_network(name),
            data.shuffle(seed=0),
            data.take(64),
            label="y",
            out_dir=folder,
            epochs=epochs,
            batch_size=BATCH,
            progress=False,
            device="cpu",
        )


def measure(ranks: int, name: str, epochs: int) -> tuple[float, float]:
    """Return the CPU seconds of a training in processes of its own, and their peak memory together in MB."""
    own = ["-m", "bench.training.ranks", "--worker", name, str(epochs)]
    launcher = ["-m", "torch.distributed.run", f"--nproc-per-node={ranks}"] if ranks > 1 else []
    variables = {**os.environ, "GOMP_SPINCOUNT": "5000"}  # as `headrace run` sets it
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, *launcher, *own]
    done = subprocess.run(command, env=variables, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, sum(map(float, done.stdout.split()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--network", choices=LONG, help="only this network")
    parser.add_argument("--worker", nargs=2, metavar=("NETWORK", "EPOCHS"))
    arguments = parser.parse_args()
    if arguments.worker:
        train(arguments.worker[0], int(arguments.worker[1]))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    title = "CPU time of a step"
    print(_ROW.format(title, "one, 2 threads", "two ranks", "ratio", "peak memory", f"limit {LIMIT}"))
    held = True
    names = [arguments.network] if arguments.network else list(LONG)
    for name in names:
        most = LONG[name]
        steps = (most - SHORT) * -(-ROWS // BATCH)
        least: dict[tuple[int, int], float] = {}
        memory = dict[int, float]()
        for _ in range(arguments.rounds):
            for key in ((1, SHORT), (2, SHORT), (1, most), (2, most)):
                seconds, megabytes = measure(key[0], name, key[1])
                least[key] = min(seconds, least.get(key, seconds))
                memory.setdefault(key[0], megabytes)
        one, two = ((least[ranks, most] - least[ranks, SHORT]) / steps * 1e3 for ranks in (1, 2))
        holds = one / two >= LIMIT
        held &= holds
        cells = [
            f"{one:.1f} ms",
            f"{two:.1f} ms",
            f"{one / two:.2f}",
            f"{memory[1]:.0f} and {memory[2]:.0f} MB",
        ]
        print(_ROW.format(f"{name}, batches of {BATCH}", *cells, "ok" if holds else "BELOW"), flush=True)
    if not held:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
