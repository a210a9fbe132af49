"""Optimizers, and the schedule of the learning rate."""

from headrace.training.optimization.optimizers import make_optimizer
from headrace.training.optimization.schedule import one_cycle

__all__ = ["make_optimizer", "one_cycle"]
