"""Apply sampled parameters to a batch: by native kernels on the CPU, by PyTorch elsewhere.

`evaluate_on_tensors` is the definition; the kernels compute the same values, and are tested against it.
"""

from headrace.vision.augment.evaluation.evaluate import evaluate
from headrace.vision.augment.evaluation.on_tensors import evaluate_on_tensors
from headrace.vision.augment.evaluation.parameters import PADDING, BatchParameters, Fill, fill_values
from headrace.vision.augment.evaluation.resample import move_masks

__all__ = [
    "PADDING",
    "BatchParameters",
    "Fill",
    "evaluate",
    "evaluate_on_tensors",
    "fill_values",
    "move_masks",
]
