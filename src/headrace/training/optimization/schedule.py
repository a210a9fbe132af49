"""The learning rate as a pure function of the step, so that resuming needs no scheduler state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, pi

from headrace.training.options import Options

__all__ = ["Schedule", "one_cycle"]

WARM_UP = 0.25
START = 1 / 25


def one_cycle(step: int, total_steps: int, peak: float) -> float:
    """Compute the learning rate of a step, counted from 0.

    In the first quarter of the steps the rate rises from peak / 25 to the peak, then it falls to zero, both
    along half a cosine (L. Smith, N. Topin, Super-Convergence, 2018, arXiv:1708.07120).
    """
    done = step / max(1, total_steps)
    if done < WARM_UP:
        return peak * (START + (1 - START) * (1 - cos(pi * done / WARM_UP)) / 2)
    return peak * (1 + cos(pi * min(1.0, (done - WARM_UP) / (1 - WARM_UP)))) / 2


@dataclass(frozen=True)
class Schedule:
    """The factor of the learning rates at each update of the weights.

    Attributes:
        options: The options of the training.
        updates_per_epoch: Updates of the weights in an epoch.
    """

    options: Options
    updates_per_epoch: int

    @property
    def updates(self) -> int:
        """Updates of the weights in the whole training."""
        return self.options.epochs * self.updates_per_epoch

    def compute_factor(self, update: int) -> float:
        """Compute the factor of an update, counted from 0: 1 at the peak."""
        warmup = self.options.warmup_steps
        if update < warmup:
            return (update + 1) / (warmup + 1)
        done = (update - warmup) / max(1, self.updates - warmup)
        return FACTORS[self.options.schedule](self, update - warmup, min(1.0, done))


FACTORS: Mapping[str, Callable[[Schedule, int, float], float]] = {
    "one_cycle": lambda schedule, update, _: one_cycle(update, schedule.updates, 1.0),
    "constant": lambda *_: 1.0,
    "cosine": lambda _schedule, _update, done: (1 + cos(pi * done)) / 2,
    "linear": lambda _schedule, _update, done: 1 - done,
    "exponential": lambda schedule, update, _: (
        schedule.options.gamma ** (update // schedule.updates_per_epoch)
    ),
}
