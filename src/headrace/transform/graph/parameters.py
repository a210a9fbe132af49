"""Check values by annotations: the fields of ops and analyzers, and the arguments of public functions."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from headrace.arguments import check_flag, check_integer, check_unicode, is_iterable, show_value
from headrace.errors import UsageError
from headrace.transform.graph.analyzer import Accumulator, Analyzer

__all__ = ["check_fields", "check_value", "find_annotations", "list_alternatives"]

T = TypeVar("T")


def check_fields(what: T) -> T:
    """Return an op or analyzer whose fields have the types of their annotations.

    NumPy's scalars become Python's, which JSON can hold.

    Raises:
        UsageError: A field has a value of another type.
    """
    changed: dict[str, Any] = {}
    for name, kind in _list_fields(type(what)):
        value = getattr(what, name)
        checked = check_value(kind, value, name)
        if checked is not value:
            changed[name] = checked
    return dataclasses.replace(what, **changed) if changed else what  # pyright: ignore[reportArgumentType]


@cache
def _list_fields(kind: type) -> list[tuple[str, Any]]:
    """List the parameters of a dataclass, with their annotations; of another class, none."""
    if not dataclasses.is_dataclass(kind):
        return []
    kinds = find_annotations(kind)
    return [(field.name, kinds.get(field.name)) for field in dataclasses.fields(kind) if field.init]


@cache
def find_annotations(annotated: Callable[..., Any]) -> dict[str, Any]:
    """Return the annotations of a class or function by name; none if one of their names cannot be found."""
    try:
        return get_type_hints(annotated)
    except (NameError, TypeError, AttributeError):
        return {}


@cache
def list_alternatives(kind: Any) -> tuple[Any, ...]:
    """List the types that an annotation allows: those of a union, or itself."""
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def check_value(kind: Any, value: Any, name: str) -> Any:
    """Return a value that has the type of an annotation.

    Integers and floats of NumPy are accepted, floats are not integers, and booleans are not numbers. Only
    numbers, booleans, strings, tuples and sequences of them are checked.

    Args:
        kind: The annotation.
        value: The value.
        name: The name of the argument, for the message.

    Raises:
        UsageError: The value has another type.
    """
    alternatives = list_alternatives(kind)
    if value is None and types.NoneType in alternatives:
        return value
    others = [each for each in alternatives if each is not types.NoneType]
    if len(others) > 1:
        return _check_alternatives(others, value, name)
    rule = _RULES.get(others[0]) if isinstance(others[0], type) else _CONTAINERS.get(get_origin(others[0]))
    if rule is not None:
        return rule(value, name, get_args(others[0]))
    return check_fields(value) if isinstance(value, Accumulator | Analyzer) else value


def _check_alternatives(kinds: Sequence[Any], value: Any, name: str) -> Any:
    """Check a value that may have one of several types, which is an error if it has none of them."""
    error: UsageError | None = None
    for kind in kinds:
        try:
            return check_value(kind, value, name)
        except UsageError as found:
            error = found
    assert error is not None
    raise error


def _check_flag(value: Any, name: str, _: Any) -> bool:
    return check_flag(value, name)


def _check_integer(value: Any, name: str, _: Any) -> int:
    return check_integer(value, name, -(2**63))


def _check_real(value: Any, name: str, _: Any) -> float:
    """Return a number; NaN and infinities are numbers."""
    if isinstance(value, int | float) and not isinstance(value, bool | np.floating):
        return value
    if isinstance(value, np.integer | np.floating):
        return value.item()
    raise UsageError(f"{name}: expected a number, got {show_value(value)}", hint="pass a number")


def _check_text(value: Any, name: str, _: Any) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{name}: expected a string, got {show_value(value)}", hint="pass a string")
    return check_unicode(str(value), name)


def _check_tuple(value: Any, name: str, kinds: tuple[Any, ...]) -> Any:
    values = _list_values(value, name)
    is_open = kinds[-1] is Ellipsis
    if not is_open and len(values) != len(kinds):
        what = f"{name}: expected {len(kinds)} values, got {show_value(value)}"
        raise UsageError(what, hint=f"pass a tuple of {len(kinds)}")
    each_kind = kinds[:1] * len(values) if is_open else kinds
    checked = tuple(check_value(*pair, name) for pair in zip(each_kind, values, strict=True))
    return value if isinstance(value, tuple) and checked == value else checked


def _check_sequence(value: Any, name: str, kinds: tuple[Any, ...]) -> Any:
    """Check a sequence; the elements of one of numbers, too."""
    values = _list_values(value, name)
    if kinds[0] in (int, float) and isinstance(value, list | tuple):
        for each in values:
            check_value(kinds[0], each, name)
    return value


def _check_literal(value: Any, name: str, choices: tuple[Any, ...]) -> Any:
    return _check_text(value, name, ()) if all(isinstance(each, str) for each in choices) else value


def _list_values(value: Any, name: str) -> Sequence[Any]:
    is_text = isinstance(value, str | bytes | bytearray | Mapping)
    if not is_text and is_iterable(value):
        return value if isinstance(value, Sequence) else list(value)
    raise UsageError(f"{name}: expected a list, got {show_value(value)}", hint="pass a list or tuple")


_Rule = Callable[[Any, str, tuple[Any, ...]], Any]
_RULES: dict[Any, _Rule] = {bool: _check_flag, int: _check_integer, float: _check_real, str: _check_text}
_CONTAINERS: dict[Any, _Rule] = {tuple: _check_tuple, Sequence: _check_sequence, Literal: _check_literal}
