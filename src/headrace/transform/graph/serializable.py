"""Accumulators and analyzers as JSON: frozen dataclasses, identified by class name."""

from __future__ import annotations

import dataclasses
import math
from importlib import import_module
from typing import Any, ClassVar

import numpy as np

from headrace.errors import UsageError

__all__ = ["Serializable", "deserialize", "serialize"]

# The modules under which classes were stored before they moved. Keys of state caches contain them.
_STORED_MODULES = {
    "Frequencies": "headrace.transform.analyzers.vocabulary",
    "KeyedAccumulator": "headrace.transform.analyzers.keyed",
    "Keys": "headrace.transform.analyzers.keyed",
    "PerKey": "headrace.transform.analyzers.keyed",
    "Scoring": "headrace.transform.analyzers.vocabulary",
    "WeightsAccumulator": "headrace.transform.analyzers.vocabulary",
}


class Serializable:
    """A frozen dataclass whose fields are numbers, strings, None, other `Serializable`s, or tuples of these.

    Every subclass registers itself under its class name; only registered classes are read back.
    """

    classes: ClassVar[dict[str, type[Serializable]]] = {}

    def __init_subclass__(cls) -> None:
        known = Serializable.classes.setdefault(cls.__name__, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"two classes are named {cls.__name__}: {known.__module__} and {cls.__module__}")
        Serializable.classes[cls.__name__] = cls


def serialize(value: Any) -> Any:
    """Convert a value to JSON.

    Raises:
        UsageError: A field holds a value of a type that `Serializable` does not allow.
    """
    if isinstance(value, Serializable):
        fields = dataclasses.fields(value)  # pyright: ignore[reportArgumentType]
        named = {field.name: serialize(getattr(value, field.name)) for field in fields if field.init}
        name = type(value).__name__
        return {"is": name, "in": _STORED_MODULES.get(name, type(value).__module__), **named}
    if isinstance(value, tuple | list):
        return [serialize(each) for each in value]
    if isinstance(value, np.generic):
        return serialize(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if isinstance(value, bool | int | float | str | None):
        return value
    raise UsageError(
        f"cannot store a {type(value).__name__} as an analyzer's parameter",
        hint="use numbers, strings and tuples",
    )


def deserialize(stored: Any) -> Any:
    """Read a value that `serialize` wrote; lists become tuples.

    Headrace imports its own classes; any other class must have been imported before.

    Raises:
        ImportError, LookupError, TypeError, ValueError: The JSON value is invalid, or names an unknown class.
    """
    if isinstance(stored, list):
        return tuple(deserialize(each) for each in stored)
    if not isinstance(stored, dict):
        return stored
    if "float" in stored:
        return float(stored["float"])
    name, module = stored["is"], stored["in"]
    if name not in Serializable.classes and module.startswith("headrace."):
        import_module(module.rpartition(".")[0])  # the package: the class may have moved within it
    known = Serializable.classes[name]
    return known(**{key: deserialize(value) for key, value in stored.items() if key not in ("is", "in")})
