"""Train a model for two steps in this process and print the peak memory.

The memory of the interpreter and torch after a first step of another model is subtracted, with that of the
modules that create models.
"""

import json
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import cross_entropy

import headrace as hr

MODELS = {
    "resnet50": (lambda: hr.vision.create_model("resnet50"), (3, 224, 224), 4),
    "fashion_cnn": (lambda: hr.vision.create_model("fashion_cnn"), (1, 28, 28), 256),
}


def train(model: nn.Module, shape: tuple[int, ...], batch: int, steps: int) -> None:
    model.train().to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    images = torch.rand(batch, *shape)
    labels = torch.zeros(batch, dtype=torch.long)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    for _ in range(steps):
        cross_entropy(model(images), labels).backward()
        optimizer.step()
        optimizer.zero_grad()


def memory(what: str) -> int:
    """Read bytes from the kernel; the peak of `getrusage` may be that of the parent process."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    build, shape, batch = MODELS[sys.argv[1]]
    train(
        nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(288, 10)),
        (3, 8, 8),
        4,
        1,
    )
    build()
    before = memory("VmRSS")
    train(build(), shape, batch, 2)
    print(json.dumps({"batch": batch, "peak": memory("VmHWM") - before}))
