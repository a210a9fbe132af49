"""A training for `test_resume.py` to kill: prints "batch" before each training step.

    python killed_training.py OUT_DIR WAY [--wait]

With `--wait`, each step then waits for a line on standard input, so that the test decides when to kill.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from headrace import Dataset
from headrace.deploy import Classifier, Regressor
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


class TwoOutputs(nn.Module):
    """A rare class and a number."""

    def __init__(self) -> None:
        super().__init__()
        self.body = model()

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        found = self.body(image)
        return {"kind": found[:, :2], "size": found[:, 2:3]}


def data(way: str = "adamw") -> Dataset:
    generator = np.random.default_rng(1)
    images = generator.normal(size=(ROWS, 3, 6, 6)).astype(np.float32)
    labels = generator.integers(0, 4, ROWS)
    if way != "outputs":
        return Dataset.from_arrays({"image": images, "label": labels})
    sizes = images.mean(axis=(1, 2, 3)) * 10
    columns = {"kind": (labels == 0).astype(np.int64), "size": sizes, "weight": 1.0 + labels % 2}
    return Dataset.from_arrays({"image": images, **columns})


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
    "outputs": {
        "label": {"kind": "kind", "size": "size"},
        "head": {"kind": Classifier(["often", "rare"]), "size": Regressor("size")},
        "class_weight": "balanced",
        "sample_weight": "weight",
        "accumulate": 3,
        "ema_decay": 0.9,
        "choose_threshold": "f1",
        "calibrate": True,
        "augment": None,
    },
}


def train(out_dir: Path, way: str = "adamw") -> FitResult:
    options: dict[str, Any] = {"label": "label", "augment": AUGMENT, **WAYS[way]}
    return fit(
        TwoOutputs() if way == "outputs" else model(),
        data(way).shuffle(seed=5),
        data(way),
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        learning_rate=1e-2,
        seed=3,
        out_dir=out_dir,
        checkpoint_seconds=0,
        device="cpu",
        **options,
    )


if __name__ == "__main__":
    train(Path(sys.argv[1]), sys.argv[2])
