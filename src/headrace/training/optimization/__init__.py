"""Optimizers, the schedule of the learning rate, frozen parts, and averages of weights."""

from headrace.training.optimization.averaging import WeightAverage
from headrace.training.optimization.optimizers import check_moments, make_optimizer
from headrace.training.optimization.parts import frozen_parts, training_modes
from headrace.training.optimization.schedule import Schedule, one_cycle
from headrace.training.optimization.skip_compiler import skip_compiler
from headrace.training.optimization.weight_update import WeightUpdate

__all__ = [
    "Schedule",
    "WeightAverage",
    "WeightUpdate",
    "check_moments",
    "frozen_parts",
    "make_optimizer",
    "one_cycle",
    "skip_compiler",
    "training_modes",
]
