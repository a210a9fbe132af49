"""Record the calls of functions that create several nodes, so that a plan can show each call as one step."""

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
    """One call of a function such as `scale_to_z_score`; every node that it creates refers to it.

    Attributes:
        name: The function's name.
        parameters: The arguments, other than columns, that differ from their defaults, as "name=value".
    """

    name: str
    parameters: tuple[str, ...] = ()


_current: ContextVar[CompositeCall | None] = ContextVar("call", default=None)


def current_call() -> CompositeCall | None:
    """Return the call that new nodes belong to: the outermost one, if a composite calls another."""
    return _current.get()


@contextmanager
def inside_call(call: CompositeCall) -> Generator[None]:
    """Let nodes created inside the block belong to the call, unless another call is active already."""
    token = _current.set(_current.get() or call)
    try:
        yield
    finally:
        _current.reset(token)


def composite(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function so that its calls are recorded."""
    signature = inspect.signature(function)

    @wraps(function)
    def recorded(*args: P.args, **options: P.kwargs) -> R:
        given = signature.bind(*args, **options).arguments
        with inside_call(CompositeCall(function.__name__, _parameters(signature, given))):
            return function(*args, **options)

    return recorded


def _parameters(signature: inspect.Signature, given: Mapping[str, Any]) -> tuple[str, ...]:
    """Format the arguments that a plan shows: no columns, which appear as inputs, and no long values."""
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
