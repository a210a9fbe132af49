"""Training: datasets of transformed batches to weights, metrics and checkpoints.

options = headrace.training.Options(epochs=3, learning_rate=1e-3)
result = headrace.training.fit(model, train, validation, label="label", out_dir="runs/first", options=options)
print(result.best["validation_accuracy"], result.best_weights)
"""

from headrace import extras

extras.require("torch", "accelerate", "tensorboard", extra="train", purpose="headrace.training")

from headrace.progress import progress_bar
from headrace.training.calibration import load_head
from headrace.training.checkpoint import load_weights, save_weights
from headrace.training.fit import FitResult, fit
from headrace.training.loop.allocator import reuse_freed_memory
from headrace.training.metrics import confusion_matrix, root_mean_squared_error
from headrace.training.options import Options
from headrace.training.predict import Predictions, evaluate, predict, predict_batches

__all__ = [
    "FitResult",
    "Options",
    "Predictions",
    "confusion_matrix",
    "evaluate",
    "fit",
    "load_head",
    "load_weights",
    "predict",
    "predict_batches",
    "progress_bar",
    "reuse_freed_memory",
    "root_mean_squared_error",
    "save_weights",
]
