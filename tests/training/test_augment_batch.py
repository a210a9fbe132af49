"""Training images are augmented anew in every epoch; validation images are not augmented."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from headrace import Dataset
from headrace.errors import SchemaError, UsageError
from headrace.random_order import derive_seed
from headrace.training import FitResult, fit
from headrace.vision.augment import Augmentation, Brightness, Flip, Mixup, Shift, compose

ROWS, BATCH_SIZE = 48, 16


def data() -> Dataset:
    """Bright squares on the left (class 0) or on the right (class 1)."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, ROWS)
    images = generator.normal(scale=0.1, size=(ROWS, 1, 4, 4)).astype(np.float32)
    images[np.arange(ROWS), 0, 1:3, labels * 2] += 1
    return Dataset.from_arrays({"image": images, "label": labels})


class Recorder(nn.Module):
    """Records the images it is called with."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(16, 2)
        self.seen: dict[bool, list[Tensor]] = {True: [], False: []}

    def forward(self, image: Tensor) -> Tensor:
        self.seen[self.training].append(image.clone())
        return self.dense(image.flatten(1))


def train(model: nn.Module, out_dir: Path, augment: Augmentation | None, **changes: Any) -> FitResult:
    settings: dict[str, Any] = {
        "label": "label",
        "epochs": 2,
        "batch_size": BATCH_SIZE,
        "learning_rate": 0.05,
        "device": "cpu",
        "progress": False,
    }
    return fit(model, data(), data(), out_dir=out_dir, augment=augment, **{**settings, **changes})


def test_training_images_are_augmented_and_validation_images_are_not(tmp_path: Path) -> None:
    model, augment = Recorder(), compose(Shift(0.3), Brightness(0.2))
    train(model, tmp_path, augment)
    plain = next(iter(data().batch(ROWS).to_torch()))["image"]
    assert torch.equal(torch.cat(model.seen[False])[-ROWS:], plain)  # after a look at one batch
    epochs = torch.cat(model.seen[True]).split(ROWS)
    assert not torch.equal(epochs[0], epochs[1])
    for epoch, images in enumerate(epochs):
        for batch, (changed, original) in enumerate(
            zip(images.split(BATCH_SIZE), plain.split(BATCH_SIZE), strict=True)
        ):
            assert torch.equal(changed, augment(original, seed=(0, epoch, batch)))


def test_every_batch_of_every_epoch_has_its_own_seed() -> None:
    seeds = {
        derive_seed(seed, epoch, batch) for seed in range(4) for epoch in range(20) for batch in range(50)
    }
    assert len(seeds) == 4 * 20 * 50
    assert all(0 <= seed < 2**56 for seed in seeds)


def test_blended_images_are_trained_on_blended_labels(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))
    result = train(model, tmp_path, compose(Flip(0.0), Mixup(0.4, classes=2)), epochs=20)
    assert result.best["validation_accuracy"] == 1.0
    assert result.history[-1]["train_loss"] > 2 * result.history[-1]["validation_loss"]


def test_features_without_images_cannot_be_augmented(tmp_path: Path) -> None:
    points = Dataset.from_arrays({"x": np.zeros((8, 3), np.float32), "label": np.arange(8) % 2})
    with pytest.raises(
        SchemaError, match=r"expects one feature of shape .*, got 0; reshape the images in the preprocessing"
    ):
        fit(
            nn.Linear(3, 2),
            points,
            points,
            label="label",
            epochs=1,
            out_dir=tmp_path,
            augment=compose(Flip()),
        )


def test_a_training_with_another_augmentation_is_not_resumed(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))
    train(model, tmp_path, compose(Flip()))
    with pytest.raises(UsageError, match=r"augment was Augmentation\(steps=\(Flip.* and is now None"):
        train(model, tmp_path, None)


def test_an_augmentation_step_outside_compose_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"augment is Flip\(.*compose"):
        train(Recorder(), tmp_path, Flip())  # pyright: ignore[reportArgumentType]


def test_alternating_flips_go_on_in_a_training_that_is_continued(tmp_path: Path) -> None:
    augment = compose(Flip(alternate=True))
    torch.manual_seed(0)
    model = Recorder()
    train(model, tmp_path, augment, epochs=2, batch_size=ROWS)
    first, second = torch.cat(model.seen[True]).split(ROWS)
    assert torch.equal(second, first.flip(-1))
    plain = next(iter(data().batch(ROWS).to_torch()))["image"]
    assert not torch.equal(first, plain)
    torch.manual_seed(0)
    longer = Recorder()
    train(longer, tmp_path, augment, epochs=3, batch_size=ROWS)
    assert torch.equal(torch.cat(longer.seen[True]), first)


class TwoOutputs(nn.Module):
    """Tells the class, and a number."""

    def __init__(self) -> None:
        super().__init__()
        self.kind, self.size = nn.Linear(16, 2), nn.Linear(16, 1)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        return {"kind": self.kind(image.flatten(1)), "size": self.size(image.flatten(1))}


@pytest.mark.parametrize("augment", [compose(Flip()), compose(Mixup(0.2, classes=2))])
def test_models_of_several_outputs_train_on_augmented_images(tmp_path: Path, augment: Augmentation) -> None:
    random = np.random.default_rng(0)
    kind = random.integers(0, 2, ROWS)
    images = random.random((ROWS, 1, 4, 4)).astype(np.float32)
    rows = Dataset.from_arrays({"image": images, "kind": kind, "size": kind.astype(np.float32)})
    result = fit(
        TwoOutputs(), rows, rows, label={"kind": "kind", "size": "size"}, out_dir=tmp_path, augment=augment,
        epochs=1, batch_size=BATCH_SIZE, device="cpu", progress=False,
    )  # fmt: skip
    assert set(result.history[0]) >= {"train_kind_accuracy", "train_size_rmse"}
