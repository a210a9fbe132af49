"""What identifies a user's function: its name in messages and saved states, its code in caches."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import partial
from types import CellType, CodeType
from typing import Any

__all__ = ["function_identity", "function_name"]


def function_name(function: Any) -> str:
    """Return the qualified name of a function, or of the type of another callable object.

    >>> function_name(len)
    'len'
    """
    return getattr(function, "__qualname__", type(function).__qualname__)


def function_identity(function: Any) -> str:
    """Describe a function by its code and the values it encloses, equally in every process.

    Functions and globals that the code refers to are described by their names only. An object about which
    nothing is known, such as one without a `fingerprint`, is described differently each time.
    """
    return _describe(function, ())


def _describe(value: Any, enclosing: tuple[Any, ...]) -> str:
    """Describe a value; recursion ends at a function in `enclosing`, which the value belongs to."""
    if isinstance(value, partial):
        return f"partial{_describe_all([value.func, value.args, value.keywords], enclosing)}"
    code = getattr(value, "__code__", None)
    if isinstance(code, CodeType):
        if code in enclosing:
            return function_name(value)
        return _describe_function(value, code, (*enclosing, code))
    if isinstance(value, CodeType):
        return f"({value.co_code.hex()} {value.co_names} {_describe_all(value.co_consts, enclosing)})"
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(_describe(each, enclosing) for each in value))}}}"
    if isinstance(value, list | tuple | dict):
        return _describe_all(value.items() if isinstance(value, dict) else value, enclosing)
    return _describe_object(value)


def _describe_function(function: Any, code: CodeType, enclosing: tuple[Any, ...]) -> str:
    cells = getattr(function, "__closure__", None) or ()
    values = [cell.cell_contents for cell in cells if cell != CellType()]
    bound = [getattr(function, name, None) for name in ("__self__", "__defaults__", "__kwdefaults__")]
    return _describe_all([code, *bound, *values], enclosing)


def _describe_all(values: Iterable[Any], enclosing: tuple[Any, ...]) -> str:
    return f"({', '.join(_describe(each, enclosing) for each in values)})"


def _describe_object(value: Any) -> str:
    fingerprint = getattr(value, "fingerprint", None)
    if isinstance(fingerprint, str):
        return fingerprint
    if isinstance(value, type) or (callable(value) and value.__module__ == "builtins"):
        return f"{value.__module__}.{value.__qualname__}"
    is_plain = isinstance(value, str | bytes | int | float | complex | None) or value is ...
    return repr(value) if is_plain else secrets.token_hex(16)
