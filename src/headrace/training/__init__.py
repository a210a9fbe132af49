"""Training: datasets of transformed batches to weights, metrics and checkpoints.

options = headrace.training.Options(epochs=3, learning_rate=1e-3)
result = headrace.training.fit(model, train, validation, label="label", out_dir="runs/first", options=options)
print(result.best["validation_accuracy"], result.best_weights)

All but the options needs torch, which loads on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.extras import require as _require
from headrace.lazy_names import load_on_use as _load_on_use
from headrace.progress import progress_bar
from headrace.training.options import Options

if TYPE_CHECKING:
    from headrace.training.allocator import reuse_freed_memory
    from headrace.training.calibration import load_head
    from headrace.training.checkpoint import load_weights, save_weights
    from headrace.training.fit_result import FitResult
    from headrace.training.fitting import fit
    from headrace.training.learning_rate_range import LearningRateRange, find_learning_rate
    from headrace.training.metrics import confusion_matrix, root_mean_squared_error
    from headrace.training.predictions import (
        Predictions,
        evaluate,
        measure_predictions,
        predict,
        predict_batches,
    )

__all__ = [
    "FitResult",
    "LearningRateRange",
    "Options",
    "Predictions",
    "confusion_matrix",
    "evaluate",
    "find_learning_rate",
    "fit",
    "load_head",
    "load_weights",
    "measure_predictions",
    "predict",
    "predict_batches",
    "progress_bar",
    "reuse_freed_memory",
    "root_mean_squared_error",
    "save_weights",
]

_MODULES = {
    "FitResult": "fit_result",
    "LearningRateRange": "learning_rate_range",
    "Predictions": "predictions",
    "confusion_matrix": "metrics",
    "evaluate": "predictions",
    "find_learning_rate": "learning_rate_range",
    "fit": "fitting",
    "load_head": "calibration",
    "load_weights": "checkpoint",
    "measure_predictions": "predictions",
    "predict": "predictions",
    "predict_batches": "predictions",
    "reuse_freed_memory": "allocator",
    "root_mean_squared_error": "metrics",
    "save_weights": "checkpoint",
}
_load, __dir__ = _load_on_use(__name__, _MODULES)


def __getattr__(name: str) -> object:
    if name in _MODULES:
        _require("torch", "tensorboard", extra="train", purpose="headrace.training")
    return _load(name)
