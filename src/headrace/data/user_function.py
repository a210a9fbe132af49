"""How a user's function is known: by name in messages and saved states, by its code in caches."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import partial
from types import CellType, CodeType
from typing import Any

__all__ = ["function_identity", "function_name"]


def function_name(function: Any) -> str:
    """`function`'s qualified name, or its type's where it is a callable object.

    >>> function_name(len)
    'len'
    """
    return getattr(function, "__qualname__", type(function).__qualname__)


def function_identity(function: Any) -> str:
    """What stays the same from process to process as long as a function does: its code, and what it encloses.

    The functions and globals that the code refers to are known by their names only. Something of which
    nothing can be known, such as an object without a `fingerprint`, is never the same twice.
    """
    return _identity(function, ())


def _identity(value: Any, within: tuple[Any, ...]) -> str:
    """`within` are the functions whose identity this is a part of: one that encloses itself ends there."""
    if isinstance(value, partial):
        return f"partial{_all([value.func, value.args, value.keywords], within)}"
    code = getattr(value, "__code__", None)
    if isinstance(code, CodeType):
        return function_name(value) if code in within else _function(value, code, (*within, code))
    if isinstance(value, CodeType):
        return f"({value.co_code.hex()} {value.co_names} {_all(value.co_consts, within)})"
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(_identity(each, within) for each in value))}}}"
    if isinstance(value, list | tuple | dict):
        return _all(value.items() if isinstance(value, dict) else value, within)
    return _single(value)


def _function(function: Any, code: CodeType, within: tuple[Any, ...]) -> str:
    cells = getattr(function, "__closure__", None) or ()
    enclosed = [cell.cell_contents for cell in cells if cell != CellType()]
    bound = [getattr(function, name, None) for name in ("__self__", "__defaults__", "__kwdefaults__")]
    return _all([code, *bound, *enclosed], within)


def _all(values: Iterable[Any], within: tuple[Any, ...]) -> str:
    return f"({', '.join(_identity(each, within) for each in values)})"


def _single(value: Any) -> str:
    known = getattr(value, "fingerprint", None)
    if isinstance(known, str):
        return known
    if isinstance(value, type) or (callable(value) and value.__module__ == "builtins"):
        return f"{value.__module__}.{value.__qualname__}"
    is_plain = isinstance(value, str | bytes | int | float | complex | None) or value is ...
    return repr(value) if is_plain else secrets.token_hex(16)
