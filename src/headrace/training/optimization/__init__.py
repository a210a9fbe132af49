"""Optimizers, the schedule of the learning rate, frozen parts, and averages of weights."""

from headrace.training.optimization.averaging import WeightAverage
from headrace.training.optimization.optimizers import check_moments, make_optimizer, update_weights
from headrace.training.optimization.parts import frozen_parts, training_modes
from headrace.training.optimization.schedule import Schedule, one_cycle

__all__ = [
    "Schedule",
    "WeightAverage",
    "check_moments",
    "frozen_parts",
    "make_optimizer",
    "one_cycle",
    "training_modes",
    "update_weights",
]
