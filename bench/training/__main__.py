"""Time both loops in alternating rounds; the least CPU time of each counts."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from headrace import Dataset
from headrace.training import fit

LIMIT = 1.1
BATCH, FEATURES, STEPS = 64, 20, 1500
_ROW = "{:<28} {:>12} {:>12} {:>8}  {}"


def make_data() -> Dataset:
    """Make the rows: a class by the sign of the first feature."""
    x = np.random.default_rng(0).normal(size=(BATCH * STEPS, FEATURES)).astype(np.float32)
    return Dataset.from_arrays({"x": x, "y": (x[:, 0] > 0).astype(np.int64)})


def make_model(width: int) -> nn.Module:
    """Make a network of two hidden layers."""
    torch.manual_seed(0)
    sizes = [FEATURES, width, width]
    layers = [each for pair in pairwise(sizes) for each in (nn.Linear(*pair), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(width, 2))


def train_by_hand(data: Dataset, width: int) -> None:
    """Train as one would write it."""
    model = make_model(width)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    for batch in data.shuffle(seed=0).batch(BATCH).prefetch().to_torch():
        loss = cross_entropy(model(batch["x"]), batch["y"])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()


def train_by_fit(data: Dataset, width: int) -> None:
    """Train by `fit`, with its metrics, schedule, checkpoints, progress and TensorBoard."""
    with tempfile.TemporaryDirectory() as folder:
        validation = data.take(256)
        fit(
            make_model(width),
            data.shuffle(seed=0),
            validation,
            label="y",
            out_dir=folder,
            epochs=1,
            batch_size=BATCH,
            progress=False,
        )


def measure(loop: Callable[[Dataset, int], None], data: Dataset, width: int) -> float:
    """Return the CPU time of a step in microseconds, of all threads."""
    start = time.process_time()
    loop(data, width)
    return (time.process_time() - start) / STEPS * 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    data = make_data()
    print(_ROW.format("CPU time of a step", "by hand", "fit", "ratio", f"limit {LIMIT}"))
    for width in (16, 128):
        times = {train_by_hand: float("inf"), train_by_fit: float("inf")}
        for _ in range(rounds):
            for loop in times:
                times[loop] = min(times[loop], measure(loop, data, width))
        hand, ours = times.values()
        ratio = ours / hand
        verdict = "ok" if ratio <= LIMIT else "ABOVE"
        title = f"{FEATURES} features, width {width}"
        print(_ROW.format(title, f"{hand:.0f} us", f"{ours:.0f} us", f"{ratio:.2f}", verdict), flush=True)


if __name__ == "__main__":
    main()
