"""Train an epoch on files, and on the same batches in memory, by the same loop."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy

import headrace as hr
from bench.images.workloads import BATCH, CLASSES, DEVIATION, MEAN, Folder

__all__ = ["compare_epochs", "open_files"]


def textbook_cnn() -> nn.Module:
    """Make a network of three convolutions of 32, 64 and 128 channels, as textbooks begin with."""
    layers: list[nn.Module] = []
    for before, after in ((3, 32), (32, 64), (64, 128)):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(2048, len(CLASSES)))


def open_files(workload: Folder, root: Path) -> hr.Dataset:
    """Open the files as a recipe does: shuffled, transformed to pixels and class numbers, in batches."""
    side = workload.target

    def preprocess(inputs: Any) -> dict[str, Any]:
        t = hr.transform
        pixels = t.rescale(t.resize(t.decode_image(inputs["image"]), side, side), 1 / 255)
        label = t.apply_vocabulary(inputs["label"], CLASSES)
        return {"image": t.standardize(pixels, MEAN, DEVIATION), "label": label}

    data = hr.Dataset.from_images(root).shuffle(seed=0)
    return data.map(hr.transform.analyze(preprocess, data.take(100))).batch(BATCH).prefetch()


def _train(model: nn.Module, batches: Iterable[Any]) -> tuple[float, float]:
    """Train for an epoch; return wall and CPU seconds."""
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    wall, cpu = time.perf_counter(), time.process_time()
    for batch in batches:
        optimizer.zero_grad()
        cross_entropy(model(batch["image"]), batch["label"]).backward()
        optimizer.step()
    return time.perf_counter() - wall, time.process_time() - cpu


def compare_epochs(workload: Folder, root: Path, rounds: int) -> None:
    """Print the time of an epoch on files, relative to one on batches in memory; the best round counts."""
    files = open_files(workload, root)
    memory = list(files.to_torch())
    lenet = hr.vision.create_model("lenet5", num_classes=10, in_channels=3, input_size=(workload.target,) * 2)
    for name, model in (("LeNet-5", lenet), ("textbook CNN", textbook_cnn())):
        found = [(_train(model, memory), _train(model, files.to_torch())) for _ in range(rounds)]
        walls, cpus = ([min(times[side][kind] for times in found) for side in (0, 1)] for kind in (0, 1))
        print(
            f"{name:<14} {workload.side} pixels: {walls[0]:6.2f} s in memory, {walls[1]:6.2f} s on files, "
            f"{walls[1] / walls[0]:.2f}x; CPU {cpus[1] / cpus[0]:.2f}x",
            flush=True,
        )
