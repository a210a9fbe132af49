"""What identifies a user's function: its name in messages, all that it reaches in states and caches."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from headrace.data.identity import identify

__all__ = ["FunctionIdentity", "function_identity", "function_name"]


def function_name(function: Any) -> str:
    """Return the qualified name of a function, or of the type of another callable object.

    >>> function_name(len)
    'len'
    """
    return getattr(function, "__qualname__", type(function).__qualname__)


@dataclass(frozen=True)
class FunctionIdentity:
    """What a function does, as far as it can be known without calling it; equal in every process.

    Attributes:
        digest: A digest of everything that is known, 32 hexadecimal digits.
        unknown: What the function's result may depend on, but whose value cannot be known, such as
            "numpy.random._generator.Generator" or "open()". The digest does not change with it.
    """

    digest: str
    unknown: tuple[str, ...] = ()


def function_identity(function: Any) -> FunctionIdentity:
    """Identify a callable by its code and by all that it reaches from there.

    That is its defaults and closure, and the globals that its code names, recursively: functions and modules
    of the user by their code, objects by their class and attributes, arrays and tensors by their values, and
    installed packages by name and version. An object with a `fingerprint` is identified by it. Where the code
    stands, its comments, docstrings and annotations, and the names of its local variables do not count.

    Nothing is called, so what installed packages read by themselves (files, the network, the clock) is not
    seen. Globals may change: the identity is that of this moment.

    >>> function_identity(lambda batch: batch.slice(1)) == function_identity(lambda batch: (batch).slice(0x1))
    True
    """
    import_module("pyarrow.compute")  # functions call `pa.compute` without an import of their own
    digest, unknown = identify(function)
    return FunctionIdentity(digest.hex(), unknown)
