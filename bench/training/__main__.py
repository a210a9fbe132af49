"""Time both loops in alternating rounds; the least CPU time of each counts.

Both train for few steps and for many, which gives the time of a step. What `fit` takes longer than that is
what it does once: checks, checkpoints, validation.
"""

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
BATCH, FEATURES = 64, 20
SHORT, LONG = 300, 2100  # steps of the two trainings of a round
_ROW = "{:<28} {:>12} {:>12} {:>8} {:>16}  {}"


def make_data(steps: int) -> Dataset:
    """Make the rows of some steps: a class by the sign of the first feature."""
    x = np.random.default_rng(0).normal(size=(BATCH * steps, FEATURES)).astype(np.float32)
    return Dataset.from_arrays({"x": x, "y": (x[:, 0] > 0).astype(np.int64)})


def make_model(width: int) -> nn.Module:
    """Make a network of two hidden layers."""
    torch.manual_seed(0)
    sizes = [FEATURES, width, width]
    layers = [each for pair in pairwise(sizes) for each in (nn.Linear(*pair), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(width, 2))


def train_by_hand(data: Dataset, width: int) -> float:
    """Train as one would write it; return the mean loss."""
    model = make_model(width)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    total, rows = 0.0, 0
    for batch in data.shuffle(seed=0).batch(BATCH).prefetch().to_torch():
        optimizer.zero_grad()
        loss = cross_entropy(model(batch["x"]), batch["y"])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch["y"])
        rows += len(batch["y"])
    return total / rows


def train_by_fit(data: Dataset, width: int) -> float:
    """Train by `fit`, with its metrics, schedule, checkpoints and TensorBoard; return the mean loss."""
    with tempfile.TemporaryDirectory() as folder:
        validation = data.take(256)
        result = fit(
            make_model(width),
            data.shuffle(seed=0),
            validation,
            label="y",
            out_dir=folder,
            epochs=1,
            batch_size=BATCH,
            progress=False,
        )
    return result.history[-1]["train_loss"]


def measure(loop: Callable[[Dataset, int], float], data: Dataset, width: int) -> float:
    """Return the CPU time of a training in microseconds, of all threads."""
    start = time.process_time()
    loss = loop(data, width)
    assert loss < 0.6, f"{loop.__name__} did not learn"  # guessing costs 0.69
    return (time.process_time() - start) * 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    loops = (train_by_hand, train_by_fit)
    data = {steps: make_data(steps) for steps in (SHORT, LONG)}
    title = "CPU time of a step"
    print(_ROW.format(title, "by hand", "fit", "ratio", "once, by fit", f"limit {LIMIT}"))
    held = True
    for width in (16, 128):
        times = {(loop, steps): float("inf") for loop in loops for steps in data}
        for _ in range(rounds):
            for loop, steps in times:
                times[loop, steps] = min(times[loop, steps], measure(loop, data[steps], width))
        hand, ours = ((times[loop, LONG] - times[loop, SHORT]) / (LONG - SHORT) for loop in loops)
        once = times[train_by_fit, SHORT] - times[train_by_hand, SHORT] - (ours - hand) * SHORT
        holds = ours / hand <= LIMIT
        held &= holds
        title = f"{FEATURES} features, width {width}"
        cells = [f"{hand:.0f} us", f"{ours:.0f} us", f"{ours / hand:.2f}", f"{once / 1e3:.0f} ms"]
        print(_ROW.format(title, *cells, "ok" if holds else "ABOVE"), flush=True)
    if not held:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
