"""Check the arguments of public functions: what has the wrong type or value is refused in one line."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from pathlib import PurePath
from typing import Any, Literal, TypeGuard

import numpy as np
from numpy.typing import NDArray

from headrace.errors import UsageError
from headrace.suggestions import find_similar

__all__ = [
    "check_choice",
    "check_extension",
    "check_flag",
    "check_function",
    "check_integer",
    "check_integer_or_auto",
    "check_integers",
    "check_mapping",
    "check_name",
    "check_names",
    "check_number",
    "check_shares",
    "check_string",
    "check_unicode",
    "is_number",
    "show_value",
]

_LARGEST = 2**63 - 1  # rows are counted in int64


def check_integer(value: Any, name: str, least: int = 0, most: int = _LARGEST) -> int:
    """Return an integer argument as an int; NumPy's integers are accepted, booleans and floats are not.

    Args:
        value: The argument.
        name: Its name, for the message.
        least: The smallest valid value.
        most: The largest valid value.

    Raises:
        UsageError: `value` is not an integer, or not between `least` and `most`.
    """
    hint = f"pass {least} or more"
    if isinstance(value, bool | np.bool_) or not hasattr(value, "__index__"):
        raise UsageError(f"{name}: expected an integer, got {show_value(value)}", hint=hint)
    try:
        number = operator.index(value)
    except TypeError as error:  # an array that is not of one integer
        raise UsageError(f"{name}: expected an integer, got {show_value(value)}", hint=hint) from error
    if not least <= number <= most:
        hint = hint if number < least else f"pass at most {most:,}"
        raise UsageError(f"{name} is {number}", hint=hint)
    return number


def check_integer_or_auto(value: Any, name: str, least: int) -> int | Literal["auto"]:
    """Return "auto", or an integer argument as an int; see `check_integer`."""
    if isinstance(value, str):
        if value == "auto":
            return "auto"
        what = f"{name}: expected an integer, got {show_value(value)}"
        raise UsageError(what, hint=f'pass {least} or more, or "auto"')
    return check_integer(value, name, least)


def check_integers(values: Any, name: str) -> NDArray[np.int64]:
    """Return a list or array of integers as an array, int64 [n]; booleans and floats are not accepted.

    Raises:
        UsageError: A value is not an integer, or not one of int64.
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind in "iu" or not array.size:
            flat = array.reshape(-1).astype(np.int64)
            if array.dtype.kind != "u" or not (flat < 0).any():
                return flat
    except (TypeError, ValueError, OverflowError):
        pass
    raise UsageError(f"{name}: expected integers, got {show_value(values)}", hint="pass a list of integers")


def check_number(
    value: Any,
    name: str,
    above: float | None = None,
    *,
    least: float | None = None,
    most: float | None = None,
) -> float:
    """Return a number as a float; NumPy's numbers are accepted, booleans are not.

    Args:
        value: The argument.
        name: Its name, for the message.
        above: A bound that the number must exceed.
        least: The smallest valid value.
        most: The largest valid value.

    Raises:
        UsageError: `value` is not a finite number, or exceeds a bound.
    """
    in_range = (
        is_number(value)
        and (above is None or value > above)
        and (least is None or value >= least)
        and (most is None or value <= most)
    )
    if not in_range:
        bounds = ((" above", above), (" of at least", least), (" of at most", most))
        limits = " and".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)
        what = f"{name}: expected a number{limits}, got {show_value(value)}"
        raise UsageError(what, hint=f"pass a finite number{limits}")
    return float(value)


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number, of NumPy too, and not a boolean."""
    is_real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    try:
        return is_real and isfinite(value)
    except OverflowError:  # an integer beyond float64
        return False


def check_extension(path: str | os.PathLike[str], extensions: Sequence[str] = (".png",)) -> None:
    """Check that a file has the extension of what is written to it.

    Raises:
        UsageError: It has another one, or none.
    """
    found = PurePath(path).suffix
    if found not in extensions:
        expected = f"{', '.join(extensions[:-1])} or {extensions[-1]}" if extensions[1:] else extensions[0]
        what = f"expected the extension {expected}, got {found or 'none'}"
        raise UsageError(what, path=str(path), hint=f"write {PurePath(path).stem}{extensions[0]}")


def check_choice(value: Any, name: str, choices: Iterable[str]) -> str:
    """Return a string that is one of `choices`.

    Raises:
        UsageError: Not one of them; the message names all, and the hint a similar one.
    """
    known = list(choices)
    if not isinstance(value, str) or value not in known:
        listed = ", ".join(repr(each) for each in known)
        hint = (find_similar(value, known) if isinstance(value, str) else None) or "pass one of these"
        raise UsageError(f"{name}: expected one of {listed}, got {show_value(value)}", hint=hint)
    return value


def check_flag(value: Any, name: str) -> bool:
    """Return a boolean argument as a bool.

    Raises:
        UsageError: `value` is not a boolean.
    """
    if not isinstance(value, bool | np.bool_):
        raise UsageError(f"{name}: expected True or False, got {show_value(value)}", hint="pass a boolean")
    return bool(value)


def check_string(value: Any, name: str) -> str:
    """Return a string that is not empty.

    Raises:
        UsageError: `value` is not a string, or is empty.
    """
    if not isinstance(value, str) or not value:
        raise UsageError(f"{name}: expected a string, got {show_value(value)}", hint="pass a string")
    return value


def check_unicode(value: str, name: str) -> str:
    """Return a string that is Unicode text.

    Raises:
        UsageError: It has half of a surrogate pair, as Python puts in place of bytes that are not UTF-8.
    """
    try:
        value.encode()
    except UnicodeEncodeError:
        what = f"{name}: expected Unicode text, got half of a surrogate pair in {show_value(value)}"
        hint = "decode the bytes that it comes from by their own encoding"
        raise UsageError(what, hint=hint) from None
    return value


def check_name(value: Any, name: str) -> str:
    """Return the name of a column.

    Raises:
        UsageError: `value` is not a string, or is empty.
    """
    if not isinstance(value, str) or not value:
        hint = "pass the name as a string"
        raise UsageError(f"{name}: expected the name of a column, got {show_value(value)}", hint=hint)
    return check_unicode(value, name)


def check_names(value: Any, name: str) -> tuple[str, ...]:
    """Return the names of columns as a tuple; a string is one name.

    Raises:
        UsageError: `value` is not a name or a sequence of distinct names, or is empty.
    """
    names = (value,) if isinstance(value, str) else value
    if not is_iterable(names) or isinstance(names, bytes):
        hint = "pass a name, or a list of names"
        raise UsageError(f"{name}: expected names of columns, got {show_value(value)}", hint=hint)
    checked = tuple(check_name(each, name) for each in names)
    if not checked or len(set(checked)) < len(checked):
        what = f"{name}: expected distinct names of columns, got {show_value(list(checked))}"
        raise UsageError(what, hint="name each column once")
    return checked


def is_iterable(value: Any) -> TypeGuard[Iterable[Any]]:
    """Return whether a value can be iterated over; an array or tensor without dimensions cannot."""
    return isinstance(value, Iterable) and getattr(value, "ndim", 1) != 0


def check_function(value: Any, name: str) -> Callable[..., Any]:
    """Return a function.

    Raises:
        UsageError: `value` cannot be called.
    """
    if not callable(value):
        hint = "pass a function, or another object that can be called"
        raise UsageError(f"{name}: expected a function, got {show_value(value)}", hint=hint)
    return value


def check_mapping(value: Any, name: str, example: str) -> Mapping[Any, Any]:
    """Return a mapping.

    Raises:
        UsageError: `value` is not a mapping, or is empty; `example` says what to pass.
    """
    if not isinstance(value, Mapping) or not value:
        raise UsageError(f"{name}: expected a mapping, got {show_value(value)}", hint=f"pass {example}")
    return value


def check_shares(value: Any, name: str) -> tuple[tuple[Any, float], ...]:
    """Return the numbers of classes, {class: number}, as pairs.

    Raises:
        UsageError: `value` is not a mapping, is empty, or a number is not finite and above 0.
    """
    numbers = check_mapping(value, name, "{class: number, ...}")
    return tuple((each, check_number(number, f"{name}[{each!r}]", 0)) for each, number in numbers.items())


def show_value(value: Any) -> str:
    """Represent a value in a message: one line, cut to 60 characters, with its type unless that is clear."""
    text = repr(value).replace("\n", " ")
    shown = text if len(text) <= 60 else f"{text[:60]}..."
    is_clear = value is None or isinstance(value, str | bool | list)
    return shown if is_clear else f"{shown} ({type(value).__name__})"
