"""The learning rate as a pure function of the step, so that resuming needs no scheduler state."""

from __future__ import annotations

from math import cos, pi

__all__ = ["one_cycle"]

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
