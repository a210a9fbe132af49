"""The temperature of a classifier: its logits are divided by it, so that probabilities are as often right."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

__all__ = ["find_temperature"]

_BOUNDS = (0.05, 20.0)  # of 1 / temperature; separable data has no finite optimum
_HALVINGS = 60


def find_temperature(logits: Tensor, targets: Tensor, *, is_set: bool = False) -> float:
    """Find the temperature with the smallest log loss.

    C. Guo et al., On Calibration of Modern Neural Networks, ICML 2017, arXiv:1706.04599. The log loss is
    convex in 1 / temperature, so that its slope has one root.

    Args:
        logits: float64 [N, classes].
        targets: The probability of each class, float64 [N, classes].
        is_set: Whether each class is there or not (sigmoid), instead of one of all (softmax).
    """
    low, high = _BOUNDS
    for _ in range(_HALVINGS):
        middle = (low * high) ** 0.5
        scaled = logits * middle
        likely = scaled.sigmoid() if is_set else F.softmax(scaled, dim=1)
        slope = float(((likely - targets) * logits).sum())
        if slope > 0:
            high = middle
        else:
            low = middle
    return 1 / (low * high) ** 0.5
