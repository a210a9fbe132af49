"""Describe functions with the globals that they look up, modules, and builtin functions."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Sequence
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from headrace.data.identity.code import CodeSummary, Import, summarize
from headrace.data.identity.hidden_state import (
    find_attribute,
    find_hidden_state,
    find_readers,
    is_hidden_state,
)
from headrace.data.identity.names import is_found_by_name, module_name
from headrace.data.identity.packages import find_owner, is_installed_file, library_digest, module_owner
from headrace.data.identity.walk import Walk

__all__ = ["describe_builtin", "describe_function", "describe_module"]

_MISSING = object()


def describe_function(walk: Walk, function: FunctionType) -> None:
    """Describe a function by its code, defaults, closure and attributes, and by what its code looks up.

    A function of an installed package is described by its name and the package's version; if it was made by
    another function, such as a decorator, by its closure too.
    """
    if is_installed_file(function.__code__.co_filename):
        _name(walk, function)
        if is_found_by_name(function):
            return
        _put_values(walk, function)
        return
    summary = summarize(function.__code__)
    walk.put_digest("code", summary.content)
    _put_values(walk, function)
    for name in summary.assigned:
        walk.report(f"the global {name}, which the function changes")
    for each in find_readers(summary.attributes):
        walk.report(each)
    for path in summary.lookups:
        _put_lookup(walk, function, path)
    for each in summary.imports:
        _put_import(walk, function, each, summary)


def _put_values(walk: Walk, function: FunctionType) -> None:
    walk.put(function.__defaults__)
    walk.put_items((function.__kwdefaults__ or {}).items())
    for cell in function.__closure__ or ():
        try:
            walk.put(cell.cell_contents)
        except ValueError:
            walk.tag("empty cell")
    walk.put_items(vars(function).items())


def _put_lookup(walk: Walk, function: FunctionType, path: Sequence[str]) -> None:
    """Put the value of a global name, or of an attribute of a module."""
    name, *attributes = path
    value = function.__globals__.get(name, _MISSING)
    if value is _MISSING:
        value = function.__builtins__.get(name, _MISSING)  # pyright: ignore[reportAttributeAccessIssue]
    if value is _MISSING:
        walk.tag("no such name", name)
        return
    while attributes and isinstance(value, ModuleType):
        if find_owner(value) is not None:
            _put_installed(walk, value, attributes)
            return
        value = getattr(value, attributes.pop(0), None)
    walk.put(value)


def _put_installed(walk: Walk, module: ModuleType, attributes: Sequence[str]) -> None:
    """Put an attribute of an installed package: its name, and its value unless it is a function or class."""
    walk.tag("installed", find_owner(module), module.__name__, *attributes)
    value: Any = module
    for attribute in attributes:
        if not isinstance(value, ModuleType):  # attributes of other objects may be computed
            break
        module, value = value, find_attribute(value, attribute)
        if is_hidden_state(module.__name__, attribute, value):
            walk.report(f"{module.__name__}.{attribute}")
            return
    if module is not sys and not isinstance(value, ModuleType | Callable):
        walk.put(value)


def _put_import(walk: Walk, function: FunctionType, found: Import, summary: CodeSummary) -> None:
    """Put what an import statement inside a function binds; a module of the user is imported for that."""
    package = function.__globals__.get("__package__") or ""
    try:
        name = importlib.util.resolve_name("." * found.level + found.module, package)
        owner = module_owner(name)
        if owner is not None:
            walk.tag("import", owner, name, found.names)
            for each in find_hidden_state(name, found.names or summary.attributes):
                walk.report(each)
            return
        module = importlib.import_module(name if found.names else name.partition(".")[0])
        values = [_import_from(module, each) for each in found.names] if found.names else [module]
    except Exception:  # the module's code may raise anything, here as in the function
        walk.report(f"the import of {found.module}")
        return
    for value in values:
        if isinstance(value, ModuleType):
            _put_attributes(walk, value, summary.attributes, set())
        else:
            walk.put(value)


def _import_from(module: ModuleType, name: str) -> Any:
    if name == "*" or not hasattr(module, name):
        return module if name == "*" else importlib.import_module(f"{module.__name__}.{name}")
    return getattr(module, name)


def _put_attributes(walk: Walk, module: ModuleType, names: Iterable[str], seen: set[int]) -> None:
    """Put the attributes of a user's module that have one of some names, in its submodules too."""
    if id(module) in seen:
        return
    seen.add(id(module))
    for name in names:
        value = vars(module).get(name, _MISSING)
        if isinstance(value, ModuleType) and find_owner(value) is None:
            _put_attributes(walk, value, names, seen)
        elif value is not _MISSING:
            walk.tag("attribute", name)
            walk.put(value)


def describe_module(walk: Walk, module: ModuleType) -> None:
    """Describe an installed module by name and version, a module of the user by all its values."""
    owner = find_owner(module)
    if owner is not None:
        walk.tag("module", owner, module.__name__)
        return
    walk.tag("module")
    values = {name: value for name, value in vars(module).items() if not name.startswith("__")}
    walk.put_items(values.items())


def describe_builtin(walk: Walk, function: BuiltinFunctionType) -> None:
    """Describe a builtin function by its name, a method by its object too."""
    owner = function.__self__
    if owner is None or isinstance(owner, ModuleType):
        _name(walk, function)
        if is_hidden_state(module_name(function), function.__name__, function):
            walk.report(f"{function.__name__}()")
        return
    walk.tag("builtin method", function.__name__)
    walk.put(owner)


def _name(walk: Walk, function: Any) -> None:
    module = module_name(function)
    owner = module_owner(module)
    walk.tag("function", owner, module, function.__qualname__)
    if owner is None:
        walk.put(library_digest(module))
