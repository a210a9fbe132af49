"""torch's optimizers without torch's compiler, whose import takes longer than a small training."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from torch.optim import Optimizer

__all__ = ["skip_compiler"]

# torch wraps these methods in functions that keep its compiler out of them, and import it for that.
_METHODS = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")
_MARK = "__dynamo_disable"  # the attribute in which the wrapper keeps what it calls


@contextmanager
def skip_compiler() -> Generator[None]:
    """Keep optimizers from importing `torch._dynamo` inside a `with` block, unless it is loaded.

    Nothing is compiled here: a compiled model is called by code that is not.
    """
    if "torch._dynamo" in sys.modules:
        yield
        return
    wrapped = [getattr(getattr(Optimizer, name), "__wrapped__", None) for name in _METHODS]
    marked: list[Any] = [each for each in wrapped if each is not None and not hasattr(each, _MARK)]
    for each in marked:
        setattr(each, _MARK, each)
    try:
        yield
    finally:
        for each in marked:
            delattr(each, _MARK)
