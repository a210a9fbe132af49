"""The learning rate as a pure function of the step, so that a resumed training needs no scheduler's state."""

from __future__ import annotations

from math import cos, pi

__all__ = ["one_cycle"]

WARM_UP = 0.25
START = 1 / 25


def one_cycle(step: int, total_steps: int, peak: float) -> float:
    """The learning rate of step `step` of `total_steps`, from 0.

    A quarter of the steps rise from peak / 25 to the peak, the others fall to zero, both along a half cosine
    (L. Smith, N. Topin, Super-Convergence, 2018, arXiv:1708.07120).
    """
    done = step / max(1, total_steps)
    if done < WARM_UP:
        return peak * (START + (1 - START) * (1 - cos(pi * done / WARM_UP)) / 2)
    return peak * (1 + cos(pi * min(1.0, (done - WARM_UP) / (1 - WARM_UP)))) / 2
