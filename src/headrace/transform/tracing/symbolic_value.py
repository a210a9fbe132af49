"""Refuse what a symbolic column cannot do: everything that needs values while the function is traced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from headrace.errors import TraceError

__all__ = ["SymbolicValue", "refuse_call", "register_functions"]

_functions: set[str] = set()


def register_functions(names: Iterable[str]) -> None:
    """Register the functions of `headrace.transform` that hints may recommend."""
    _functions.update(names)


class SymbolicValue:
    """A value that does not exist yet. Python protocols that need it raise `TraceError` with a hint."""

    def __hash__(self) -> int:
        _refuse("looking up a column", "use hr.transform.isin or lookup")

    def __bool__(self) -> bool:
        _refuse("branching on a column", "use hr.transform.where for if, and &, | and ~ for and, or and not")

    def __iter__(self) -> Iterator[Any]:
        _refuse("looping over a column", "use functions of whole columns")

    def __contains__(self, _: object) -> bool:
        _refuse("searching a column", "use == or hr.transform.isin")

    def __getitem__(self, _: object) -> NoReturn:
        _refuse("indexing a column", "use hr.transform.substring for text, center_crop for images")

    def __len__(self) -> int:
        _refuse("taking the length of a column", "use hr.transform.row_length, string_length or size")

    def __round__(self, _: int | None = None) -> NoReturn:
        _refuse("rounding a column", "use hr.transform.round")

    def __format__(self, spec: str) -> str:
        return _refuse("formatting a column", "use hr.transform.as_string") if spec else str(self)

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse a method that columns do not have.

        It is an `AttributeError`, not a `TraceError`, because Python itself looks up optional attributes.
        """
        hint = f"use hr.transform.{name}" if name in _functions else "use functions of hr.transform"
        raise AttributeError(f"a column has no attribute '{name}'; {hint}")

    def __array__(self, *_: object, **__: object) -> NoReturn:
        _refuse("calling NumPy on a column", "use functions of hr.transform")

    def __array_function__(self, function: Callable[..., Any], *_: object) -> NoReturn:
        refuse_call("numpy", function.__name__)

    @classmethod
    def __torch_function__(cls, function: Callable[..., Any], *_: object) -> NoReturn:
        refuse_call("torch", function.__name__)

    def __float__(self) -> float:
        _refuse("converting a column to a number", "use hr.transform.cast, or functions of whole columns")

    def __int__(self) -> int:
        _refuse("converting a column to a number", "use hr.transform.cast, or functions of whole columns")

    def __index__(self) -> int:
        _refuse("converting a column to a number", "use hr.transform.lookup, or functions of whole columns")


def refuse_call(library: str, name: str) -> NoReturn:
    """Refuse a function of another library.

    Raises:
        TraceError: Always; the hint names the `headrace.transform` function of the same name, if it exists.
    """
    function = name if name in _functions else "where, or another function of hr.transform"
    _refuse(f"calling {library}.{name} on a column", f"use hr.transform.{function}")


def _refuse(action: str, hint: str) -> NoReturn:
    raise TraceError(f"{action} needs its values, which do not exist while the function is traced", hint=hint)
