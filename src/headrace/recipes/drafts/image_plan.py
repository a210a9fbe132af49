"""Network, size and schedule for a folder of images: what trains in some six minutes on two CPUs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headrace.inspection import ImageFindings

if TYPE_CHECKING:
    from headrace.vision import IdentifiedWeights

__all__ = ["Plan", "plan_training"]

# Images of 32 x 32 pixels over all epochs; small_se_resnet takes 5.5 ms of a CPU for each.
_IMAGES_IN_ALL = 130_000
_SIDES = (64, 48, 32)
_ENOUGH_EPOCHS, _MOST_EPOCHS, _FEWEST_EPOCHS = 16, 60, 4
# Multiply-adds of fine-tuning over all epochs and images: resnet18 at 128 x 128 pixels takes 58 ms of a CPU.
_FINE_TUNED_IN_ALL = 12_000
_FINE_TUNED_SIDE, _SMALL_SIDE = 128, 32
_OF_ONE_SIZE = ("vgg", "alexnet")  # their dense layers fit one size of images


@dataclass(frozen=True)
class Plan:
    """How images are trained on.

    Attributes:
        network: The network.
        others: Further networks to choose from.
        size: (height, width) that images are resized to.
        channels: 1 for grey, 3 for colour.
        is_normalised: Whether the network's own mean and deviation are used, not those of the data.
        passes_transform_input: Whether `create_model` needs `transform_input`.
        options: Training options, as Python source.
        augment: Steps of the augmentation, as Python source.
    """

    network: str
    others: tuple[str, ...]
    size: tuple[int, int]
    channels: int
    is_normalised: bool
    passes_transform_input: bool
    options: tuple[str, ...]
    augment: tuple[str, ...]


def plan_training(findings: ImageFindings, weights: IdentifiedWeights | None) -> Plan:
    """Choose network, size and schedule by the number of training images and their sizes."""
    shares = 1 if len(findings.parts) > 1 else 0.75
    count = max(1, int(shares * sum(file.part == "train" for file in findings.files)))
    return _plan_new(findings, count) if weights is None else _plan_fine_tuning(count, weights)


def _plan_new(findings: ImageFindings, count: int) -> Plan:
    _, (height, width), _ = findings.measure_sides()
    fitting = [side for side in _SIDES if side <= min(height, width)] or [_SMALL_SIDE]
    affordable = [side for side in fitting if _count_epochs(count, side) >= _ENOUGH_EPOCHS]
    side = (affordable or fitting[-1:])[0]
    epochs = max(_FEWEST_EPOCHS, min(_MOST_EPOCHS, _count_epochs(count, side)))
    return Plan(
        network="small_se_resnet",
        others=("resnet18",),
        size=(side, side),
        channels=1 if findings.is_grey else 3,
        is_normalised=False,
        passes_transform_input=False,
        options=(
            f"epochs={epochs}",
            f"batch_size={_choose_batch_size(count)}",
            'optimizer="sgd"',
            f"learning_rate={_choose_batch_size(count) / 640:g}",
            "weight_decay=5e-4",
            "label_smoothing=0.1",
        ),
        augment=("Flip()", f"RandomCrop(*SIZE, padding={side // 8})"),
    )


def _plan_fine_tuning(count: int, weights: IdentifiedWeights) -> Plan:
    spec = weights.spec
    size = weights.input_size
    if min(size) > _FINE_TUNED_SIDE and not spec.name.startswith(_OF_ONE_SIZE):
        size = (_FINE_TUNED_SIDE, _FINE_TUNED_SIDE)
    epochs = max(_FEWEST_EPOCHS, min(20, _FINE_TUNED_IN_ALL // count))
    return Plan(
        network=spec.name,
        others=(),
        size=size,
        channels=3,
        is_normalised=spec.mean is not None,
        passes_transform_input=spec.input_transform,
        options=(
            f"epochs={epochs}",
            "batch_size=32",
            "learning_rate=2e-4",
            'learning_rates={"output.*": 2e-3}',
            "weight_decay=0.01",
            "label_smoothing=0.1",
        ),
        augment=("Flip()", f"RandomCrop(*SIZE, padding={min(size) // 8})"),
    )


def _count_epochs(count: int, side: int) -> int:
    return _IMAGES_IN_ALL * _SMALL_SIDE**2 // (count * side**2)


def _choose_batch_size(count: int) -> int:
    """Choose the rows per step: fewer for few images, which need more steps."""
    return 32 if count < 1000 else 64 if count < 20_000 else 128
