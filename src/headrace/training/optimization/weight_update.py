"""One update of the weights: the decay, then the step of the optimizer."""

from __future__ import annotations

import inspect

import torch
from torch import Tensor
from torch.optim import Optimizer

__all__ = ["DECAY", "PEAK", "WeightUpdate"]

DECAY = "headrace_decay"  # of a parameter group: the decay of its matrices, applied here
PEAK = "headrace_peak"  # of a parameter group: its learning rate at the peak of the schedule


class WeightUpdate:
    """Updates the weights of an optimizer of `make_optimizer`, and forgets their gradients.

    The decay of "adamw" is one multiplication here, except for large matrices: groups of other decays would
    double the calls of it. The step runs without the range that torch records for its profiler, which takes
    a tenth of the step of a small network; `zero_grad` records another.

    Args:
        optimizer: The optimizer.

    Attributes:
        parameters: All parameters of the optimizer.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self._optimizer = optimizer
        self._step = inspect.unwrap(type(optimizer).step)
        self._matrices: list[list[Tensor]] = [
            [each for each in group["params"] if each.ndim >= 2] if group[DECAY] else []
            for group in optimizer.param_groups
        ]
        self.parameters: list[Tensor] = [each for group in optimizer.param_groups for each in group["params"]]

    def run(self, factor: float) -> None:
        """Decay and update the weights, at the peaks of the learning rates times a factor of the schedule."""
        with torch.no_grad():
            for group, matrices in zip(self._optimizer.param_groups, self._matrices, strict=True):
                rate = group["lr"] = group[PEAK] * factor
                decayed = [each for each in matrices if each.grad is not None]
                if decayed:
                    torch._foreach_mul_(  # pyright: ignore[reportPrivateUsage, reportPrivateImportUsage]
                        decayed, 1 - rate * group[DECAY]
                    )
            self._step(self._optimizer)
        for parameter in self.parameters:
            parameter.grad = None
