"""Values and dataclasses read from JSON, which may hold anything: all is checked against its annotation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

__all__ = ["read_value"]


def read_value(stored: object, expected: Any, what: str = "the object") -> Any:
    """Read a JSON value by its annotation: numbers, strings, null, lists, tuples, mappings, dataclasses.

    Integers count as floats, booleans not as integers; a tuple is of any length. A field of a dataclass may
    be absent if it has a default.

    >>> read_value({"a": [1, 2]}, dict[str, list[int]])
    {'a': [1, 2]}

    Args:
        stored: What `json.loads` returned.
        expected: The type, or a dataclass to create.
        what: What the value is, for the error's message.

    Raises:
        ValueError: The value, one in it, or a field is of another type; a field is unknown or missing.
    """
    origin, arguments = get_origin(expected), get_args(expected)
    if expected is Any:
        return stored
    if isinstance(expected, UnionType):
        return _read_union(stored, expected, what)
    if origin is list and isinstance(stored, list):
        return [read_value(each, arguments[0], f"{what}[{at}]") for at, each in enumerate(stored)]
    if origin is tuple and isinstance(stored, list):  # of any length: tuple[int, ...]
        return tuple(read_value(each, arguments[0], f"{what}[{at}]") for at, each in enumerate(stored))
    if origin in (dict, Mapping) and isinstance(stored, dict):
        return {name: read_value(each, arguments[1], f"{what}['{name}']") for name, each in stored.items()}
    if is_dataclass(expected) and isinstance(stored, dict):
        return _read_dataclass(stored, expected)
    if type(stored) is expected or (expected is float and type(stored) is int):
        return stored
    raise ValueError(f"{what}: expected {_name(expected)}, got {_shorten(stored)}")


def _read_union(stored: object, union: UnionType, what: str) -> Any:
    """Read a union of plain types and at most one other type."""
    types = [NoneType if each is None else each for each in get_args(union)]
    if type(stored) in types:
        return stored
    for each in types:
        if each is float or get_origin(each) is not None or is_dataclass(each):
            return read_value(stored, each, what)
    raise ValueError(f"{what}: expected {_name(union)}, got {_shorten(stored)}")


def _read_dataclass(stored: dict[str, Any], cls: Any) -> Any:
    types, known = get_type_hints(cls), {field.name: field for field in fields(cls)}
    for name in stored:
        if name not in known:
            raise ValueError(f"unknown field '{name}'")
    for name, field in known.items():
        if name not in stored and field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"field '{name}' is missing")
    return cls(**{name: read_value(value, types[name], f"field '{name}'") for name, value in stored.items()})


def _name(expected: Any) -> str:
    if isinstance(expected, UnionType):
        return " or ".join(_name(each) for each in get_args(expected))
    names = {NoneType: "null", int: "an integer", float: "a number", str: "a string", bool: "true or false"}
    return names.get(expected, "a list" if get_origin(expected) in (list, tuple) else "an object")


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "..."
