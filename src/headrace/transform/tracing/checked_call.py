"""Check the arguments of the functions that build a graph, by their annotations."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, get_args, get_origin

from headrace.arguments import show_value
from headrace.errors import TraceError
from headrace.transform.graph.parameters import check_value, find_annotations, list_alternatives
from headrace.transform.tracing.call_templates import call_by_template
from headrace.transform.tracing.column import Column

__all__ = ["check_arguments"]

P = ParamSpec("P")
R = TypeVar("R")
_HINT = "pass inputs['name']"


def check_arguments(function: Callable[P, R], module: str) -> Callable[P, R]:
    """Return a function that refuses arguments of other types than its annotations name.

    Args:
        function: The function.
        module: The module that users import it from.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def checked(*args: P.args, **options: P.kwargs) -> R:
        return call_by_template(check_and_call, args, options)

    def check_and_call(*args: P.args, **options: P.kwargs) -> R:
        kinds = find_annotations(function)
        try:
            given = signature.bind(*args, **options)
        except TypeError:
            return function(*args, **options)  # Python's own message names the function
        for name, value in given.arguments.items():
            given.arguments[name] = _check(kinds.get(name), value, name)
        return function(*given.args, **given.kwargs)

    checked.__module__ = module  # pickled by the name that users import
    return checked


def _check(kind: Any, value: Any, name: str) -> Any:
    alternatives = list_alternatives(kind)
    if Column not in alternatives:
        return _check_columns(value, name) if _is_columns(kind) else check_value(kind, value, name)
    if isinstance(value, Column) or float in alternatives:  # `constant` checks what is not a column
        return value
    others = [each for each in alternatives if each is not Column]
    if not others:
        raise TraceError(f"{name}: expected a column, got {show_value(value)}", hint=_HINT)
    if others == [type(None)] and value is not None:
        raise TraceError(f"{name}: expected a column or None, got {show_value(value)}", hint=_HINT)
    union: Any = others[0]
    for each in others[1:]:
        union = union | each
    return check_value(union, value, name)


def _is_columns(kind: Any) -> bool:
    return get_origin(kind) is not None and get_args(kind) == (Column,)


def _check_columns(value: Any, name: str) -> Any:
    if not isinstance(value, list | tuple) or not all(isinstance(each, Column) for each in value):
        what = f"{name}: expected a list of columns, got {show_value(value)}"
        raise TraceError(what, hint="pass [inputs['first'], inputs['second']]")
    return value
