"""The last step of a network, which a head must not repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headrace.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["check_activation"]

# Steps of torch's record of a computation that change the shape or type of a tensor only.
_SHAPE_STEPS = ("View", "UnsafeView", "ReshapeAlias", "Squeeze", "Unsqueeze", "ToCopy", "Clone", "Alias", "T")


def check_activation(outputs: Tensor, head: str = "Classifier") -> None:
    """Refuse probabilities in the place of logits: a second softmax or sigmoid would change them.

    Raises:
        ModelError: The network ends in a softmax or a sigmoid.
    """
    step: Any = outputs.grad_fn
    while step is not None and step.name().rstrip("0123456789").removesuffix("Backward") in _SHAPE_STEPS:
        step = step.next_functions[0][0]
    name = "" if step is None else step.name().rstrip("0123456789").removesuffix("Backward")
    if name in ("Softmax", "Sigmoid"):
        what = f"expected logits, got the probabilities of a {name.lower()}"
        raise ModelError(what, hint=f"remove the last {name}: {head} computes the probabilities")
