"""Describe an object by the rule of its type."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from functools import partial
from typing import Any

from headrace.data.identity.lookups import describe_builtin, describe_function, describe_module
from headrace.data.identity.objects import describe_class, describe_descriptor, describe_instance
from headrace.data.identity.walk import TooManyError, Walk

__all__ = ["identify"]


def identify(value: Any) -> tuple[bytes, tuple[str, ...]]:
    """Identify an object by all it consists of and refers to.

    Returns:
        A digest of 16 bytes, and what could not be identified; the digest says nothing about that.
    """
    walk = Walk(_describe)
    try:
        return walk.digest(value), tuple(walk.unknown)
    except TooManyError:
        return b"", (*walk.unknown, "more objects than can be compared")


def _describe(walk: Walk, value: Any) -> None:
    rule = _RULES.get(type(value))
    if rule is not None:
        rule(walk, value)
    elif isinstance(value, type):
        describe_class(walk, value)
    else:
        describe_instance(walk, value)


def _describe_sequence(walk: Walk, value: Any) -> None:
    walk.tag(type(value).__name__)
    walk.put_all(value)


def _describe_set(walk: Walk, value: Any) -> None:
    walk.tag(type(value).__name__)
    walk.put_set(value)


def _describe_mapping(walk: Walk, value: Any) -> None:
    walk.tag("dict")
    walk.put_all(value.keys())
    walk.put_all(value.values())


def _describe_bytes(walk: Walk, value: bytearray) -> None:
    walk.tag("bytearray", bytes(value))


def _describe_range(walk: Walk, value: Any) -> None:
    walk.tag(type(value).__name__)
    walk.put((value.start, value.stop, value.step))


def _describe_partial(walk: Walk, value: partial[Any]) -> None:
    walk.tag("partial")
    walk.put((value.func, value.args))
    _describe_mapping(walk, value.keywords)


def _describe_code(walk: Walk, value: types.CodeType) -> None:
    walk.report(f"the code object {value.co_name}")


def _describe_wrapper(walk: Walk, value: Any) -> None:
    walk.tag(type(value).__name__)
    walk.put(value.__func__)


def _describe_field(walk: Walk, value: dataclasses.Field[Any]) -> None:
    """Describe a field of a dataclass without its type, which is only an annotation."""
    walk.tag("field", value.name, value.init, value.repr, value.hash, value.compare, value.kw_only)
    walk.put((value.default, value.default_factory, value.metadata))


def _describe_property(walk: Walk, value: property) -> None:
    walk.tag("property")
    walk.put((value.fget, value.fset, value.fdel))


_RULES: dict[type, Callable[[Walk, Any], None]] = {
    list: _describe_sequence,
    tuple: _describe_sequence,
    set: _describe_set,
    frozenset: _describe_set,
    dict: _describe_mapping,
    types.MappingProxyType: _describe_mapping,
    bytearray: _describe_bytes,
    range: _describe_range,
    slice: _describe_range,
    partial: _describe_partial,
    property: _describe_property,
    dataclasses.Field: _describe_field,
    staticmethod: _describe_wrapper,
    classmethod: _describe_wrapper,
    types.CodeType: _describe_code,
    types.FunctionType: describe_function,
    types.ModuleType: describe_module,
    types.BuiltinFunctionType: describe_builtin,
    types.MethodWrapperType: describe_builtin,
    types.WrapperDescriptorType: describe_descriptor,
    types.MethodDescriptorType: describe_descriptor,
    types.ClassMethodDescriptorType: describe_descriptor,
    types.GetSetDescriptorType: describe_descriptor,
    types.MemberDescriptorType: describe_descriptor,
}
