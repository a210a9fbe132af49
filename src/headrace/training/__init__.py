"""Training: from datasets of transformed batches to weights, metrics and a report.

result = headrace.training.fit(model, train, validation, label="label", epochs=3, out_dir="runs/first")
print(result.best["validation_accuracy"], result.best_weights)
"""

from headrace import extras

extras.require("torch", "accelerate", "tensorboard", extra="train", purpose="headrace.training")

from headrace.progress import progress_bar
from headrace.training.allocator import kept_memory
from headrace.training.checkpoint import load_weights, save_weights
from headrace.training.fit import fit
from headrace.training.metrics import confusion_matrix
from headrace.training.predict import Predictions, evaluate, predict, predict_batches
from headrace.training.result import FitResult
from headrace.training.settings import Settings

__all__ = [
    "FitResult",
    "Predictions",
    "Settings",
    "confusion_matrix",
    "evaluate",
    "fit",
    "kept_memory",
    "load_weights",
    "predict",
    "predict_batches",
    "progress_bar",
    "save_weights",
]
