"""A training for `test_resume.py` to kill: prints "batch" before each training step.

    python killed_training.py OUT_DIR WAY [--wait]

With `--wait`, each step then waits for a line on standard input, so that the test decides when to kill.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from headrace import Dataset
from headrace.training import FitResult, fit
from headrace.vision.augment import Contrast, Cutout, Flip, Mixup, Rotate, compose

ROWS, BATCH_SIZE, EPOCHS = 200, 20, 3


def announce(model: nn.Module, _inputs: object) -> None:
    if model.training:
        print("batch", flush=True)
        if "--wait" in sys.argv:
            sys.stdin.readline()


def model() -> nn.Module:
    """A model with everything that a resume must restore: 4-D kernels, running statistics, dropout."""
    with torch.random.fork_rng():
        torch.manual_seed(7)
        network = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(0.5),
            nn.Linear(8 * 6 * 6, 4),
        )
    network.register_forward_pre_hook(announce)
    return network


def data() -> Dataset:
    generator = np.random.default_rng(1)
    images = generator.normal(size=(ROWS, 3, 6, 6)).astype(np.float32)
    return Dataset.from_arrays({"image": images, "label": generator.integers(0, 4, ROWS)})


AUGMENT = compose(Flip(), Rotate(20), Contrast(0.3), Cutout(2), Mixup(0.4, classes=4))


WAYS: dict[str, dict[str, Any]] = {
    "adamw": {},
    "sgd": {"optimizer": "sgd"},
    "everything": {
        "optimizer": "nadam",
        "schedule": "cosine",
        "warmup_steps": 3,
        "accumulate": 3,
        "ema_decay": 0.9,
        "max_grad_norm": 0.5,
        "freeze": ("1",),
        "learning_rates": {"0": 1e-3},
    },
}


def train(out_dir: Path, way: str = "adamw") -> FitResult:
    return fit(
        model(),
        data().shuffle(seed=5),
        data(),
        label="label",
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        learning_rate=1e-2,
        seed=3,
        augment=AUGMENT,
        out_dir=out_dir,
        checkpoint_seconds=0,
        device="cpu",
        **WAYS[way],
    )


if __name__ == "__main__":
    train(Path(sys.argv[1]), sys.argv[2])
