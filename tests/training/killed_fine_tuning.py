"""A fine-tuning for `test_fine_tuning.py` to kill: prints "batch" before each step, and waits for a line.

python killed_fine_tuning.py OUT_DIR WEIGHTS
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

import headrace as hr
from headrace.training import FitResult, fit

FROZEN = ("conv1", "conv2_x")


def announce(model: nn.Module, _inputs: object) -> None:
    if model.training:
        print("batch", flush=True)
        sys.stdin.readline()


def train(out_dir: Path, weights: Path, *, wait: bool = False) -> FitResult:
    torch.set_num_threads(1)  # bits depend on the number, which other tests of this process may have changed
    with warnings.catch_warnings(action="ignore"):  # which names the tensors of the head
        model = hr.vision.create_model(
            "small_se_resnet", num_classes=3, input_size=16, weights=weights, head="new"
        )
    if wait:
        model.register_forward_pre_hook(announce)
    random = np.random.default_rng(1)
    images = random.normal(size=(24, 3, 16, 16)).astype(np.float32)
    data = hr.Dataset.from_arrays({"image": images, "label": random.integers(0, 3, 24)})
    return fit(
        model,
        data.shuffle(seed=5),
        data,
        label="label",
        out_dir=out_dir,
        epochs=2,
        batch_size=6,
        learning_rate=1e-3,
        learning_rates={"output.*": 1e-2},
        freeze=FROZEN,
        augment=hr.vision.augment.compose(hr.vision.augment.Flip()),
        checkpoint_seconds=0,
        device="cpu",
        progress=False,
    )


if __name__ == "__main__":
    train(Path(sys.argv[1]), Path(sys.argv[2]), wait=True)
