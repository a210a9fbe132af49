"""Functions made of several steps: their calls are remembered, so that a plan can show each as one step."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

__all__ = ["CompositeCall", "composite", "current_call", "inside_call"]

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class CompositeCall:
    """One call of a function such as `scale_to_z_score`: every node that it makes refers to it.

    Attributes:
        name: The function's.
        parameters: Its arguments that are no columns and differ from their defaults, as "name=value".
    """

    name: str
    parameters: tuple[str, ...] = ()


_current: ContextVar[CompositeCall | None] = ContextVar("call", default=None)


def current_call() -> CompositeCall | None:
    """The call that nodes are made in; the user's own, if one such function calls another."""
    return _current.get()


@contextmanager
def inside_call(call: CompositeCall) -> Generator[None]:
    """Nodes that are made inside belong to the call, unless they belong to one already."""
    token = _current.set(_current.get() or call)
    try:
        yield
    finally:
        _current.reset(token)


def composite(function: Callable[P, R]) -> Callable[P, R]:
    """The function with its calls remembered."""
    signature = inspect.signature(function)

    @wraps(function)
    def called(*args: P.args, **options: P.kwargs) -> R:
        given = signature.bind(*args, **options).arguments
        with inside_call(CompositeCall(function.__name__, _parameters(signature, given))):
            return function(*args, **options)

    return called


def _parameters(signature: inspect.Signature, given: Mapping[str, Any]) -> tuple[str, ...]:
    """Numbers, strings and ranges; columns are seen as inputs, and long values are not shown."""
    shown = {
        name: repr(value)
        for name, value in given.items()
        if isinstance(value, bool | int | float | str | tuple)
    }
    defaults = signature.parameters
    return tuple(
        f"{name}={text}"
        for name, text in shown.items()
        if given[name] != defaults[name].default and len(text) <= 30
    )
