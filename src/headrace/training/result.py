"""What a training gives back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["FitResult"]


@dataclass(frozen=True)
class FitResult:
    """A finished training.

    Attributes:
        task: "classification" or "regression".
        history: One dict an epoch: `epoch` (from 1), `train_loss`, `validation_loss`, `train_accuracy` and
            `validation_accuracy` (or `train_rmse` and `validation_rmse`, in the label's units),
            `learning_rate` (at the epoch's end), `seconds` (training only), `examples_per_second`.
        best_epoch: The epoch, from 1, with the best validation accuracy or RMSE.
        best: That epoch's row of `history`.
        epochs: Epochs done; fewer than asked if patience ended it.
        parameters: Trainable numbers in the model.
        seconds: Time in training steps, over all runs of a resumed training, without validation.
        examples_per_second: Training rows a second over that time.
        resumed_at_step: The step this run went on from; None if it started at the beginning.
        best_weights: safetensors file of the best epoch's weights.
        last_weights: safetensors file of the last epoch's weights.
    """

    task: str
    history: list[dict[str, float]]
    best_epoch: int
    best: dict[str, float]
    epochs: int
    parameters: int
    seconds: float
    examples_per_second: float
    resumed_at_step: int | None
    best_weights: Path
    last_weights: Path
