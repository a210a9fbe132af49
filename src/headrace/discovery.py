"""Find what the modules of a package define, so that a new file registers itself by being there."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from inspect import isabstract
from pkgutil import iter_modules
from types import ModuleType
from typing import TypeVar

__all__ = ["find_instances", "find_subclasses", "import_modules"]

T = TypeVar("T")


def import_modules(package: str, skip: Collection[str] = ()) -> list[ModuleType]:
    """Import every module directly inside a package.

    Args:
        package: The package's dotted name. A folder appended to its `__path__` is searched too.
        skip: Names of modules to leave out, such as modules that load ONNX.

    Returns:
        The modules, sorted by name.
    """
    found = {module.name for module in iter_modules(import_module(package).__path__)}
    return [import_module(f"{package}.{name}") for name in sorted(found.difference(skip))]


def find_instances(package: str, kind: type[T]) -> list[T]:
    """Collect the module-level instances of `kind` that the modules of a package define.

    Returns:
        Each instance once, sorted by the name of the first module that holds it.
    """
    found = [
        value
        for module in import_modules(package)
        for value in vars(module).values()
        if isinstance(value, kind)
    ]
    return list({id(value): value for value in found}.values())


def find_subclasses(package: str, base: type[T]) -> list[type[T]]:
    """Collect the public, concrete subclasses of `base` that the modules of a package define.

    Returns:
        The classes, sorted by the name of their module.
    """
    return [
        value
        for module in import_modules(package)
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, base)
        and value.__module__ == module.__name__
        and not name.startswith("_")
        and not isabstract(value)
    ]
