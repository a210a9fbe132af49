"""Describe classes, and instances of them."""

from __future__ import annotations

import copyreg
import functools
import threading
from types import FunctionType
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.data.identity.arrays import array_digest, bytes_digest, table_digest, tensor_digest
from headrace.data.identity.hidden_state import is_stateful
from headrace.data.identity.names import is_found_by_name, module_name, type_name
from headrace.data.identity.packages import library_digest, module_owner
from headrace.data.identity.walk import Walk

__all__ = ["describe_class", "describe_descriptor", "describe_instance"]

_IGNORED = {
    "__dict__", "__weakref__", "__doc__", "__module__", "__qualname__", "__firstlineno__", "__annotations__",
    "__annotate__", "__annotate_func__", "__annotations_cache__", "__static_attributes__",
    "__abstractmethods__", "__parameters__", "__orig_bases__", "_abc_impl", "__dataclass_params__",
    "__match_args__", "__slotnames__",
}  # fmt: skip
_LOCKS = {type(threading.Lock()), type(threading.RLock())}  # they do not change results
_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement, or by an extension at run time


def describe_class(walk: Walk, value: type) -> None:
    """Describe a class of the user by its bases and attributes, another by its name and package."""
    owner = _owner_of_class(value)
    if owner is not None:
        walk.tag("class", owner, module_name(value), value.__qualname__)
        return
    walk.tag("class")
    walk.put(value.__bases__)
    walk.put(type(value))
    walk.put_items((name, each) for name, each in vars(value).items() if name not in _IGNORED)
    walk.put(library_digest(module_name(value)))


def _owner_of_class(value: type) -> str | None:
    owner = module_owner(module_name(value))
    is_c_type = not value.__flags__ & _HEAP_TYPE
    return owner if owner is not None and (is_c_type or is_found_by_name(value)) else None


def describe_descriptor(walk: Walk, value: Any) -> None:
    """Describe a method or attribute that a C type defines by its name."""
    walk.tag("descriptor", value.__name__)
    walk.put(value.__objclass__)


def describe_instance(walk: Walk, value: Any) -> None:
    """Describe an instance by its class and contents.

    In order: by its own `fingerprint`, by the contents of an array or table, by what `pickle` would store.
    """
    kind = type(value)
    if is_stateful(value):
        walk.report(type_name(kind))
        return
    own = getattr(value, "fingerprint", None) if hasattr(kind, "fingerprint") else None
    if isinstance(own, str):
        walk.tag("fingerprint", own)
        return
    try:
        content = _content_digest(value)
    except TypeError:
        walk.report(type_name(kind))
        return
    if content is not None:
        walk.put_digest(type_name(kind), content)
        return
    if kind is functools.cached_property:
        walk.tag("property")
        walk.put(value.func)
    elif _is_wrapper(value):
        walk.tag("wrapper")
        walk.put((kind, value.__wrapped__))
    elif kind in _LOCKS:
        walk.tag("lock")
    else:
        _put_reduced(walk, value)


def _is_wrapper(value: Any) -> bool:
    """Return whether an object of an installed package wraps a function, as `functools.cache` does."""
    if not callable(value) or _owner_of_class(type(value)) is None:
        return False
    return isinstance(getattr(value, "__wrapped__", None), FunctionType)


def _content_digest(value: Any) -> bytes | None:
    """Compute the digest of an array, tensor or table; None for other objects.

    Raises:
        TypeError: The contents cannot be read as bytes.
    """
    if type(value) is np.ndarray and not value.dtype.hasobject:
        return array_digest(value)
    if isinstance(value, pa.Table | pa.RecordBatch):
        return table_digest(value)
    if isinstance(value, pa.Array | pa.ChunkedArray):
        return table_digest(pa.table({"": value}))
    if isinstance(value, pa.Buffer | memoryview):
        return bytes_digest(value)
    return tensor_digest(value)


def _put_reduced(walk: Walk, value: Any) -> None:
    """Put what `pickle` would store: how to create the object, and its state."""
    kind = type(value)
    try:
        reduce = copyreg.dispatch_table.get(kind)
        reduced = value.__reduce_ex__(4) if reduce is None else reduce(value)
        parts = (reduced, (), None, (), ()) if isinstance(reduced, str) else _read_iterators(reduced)
    except Exception:  # each extension type refuses in its own way
        walk.report(type_name(kind))
        return
    create, arguments, state, items, pairs = parts
    walk.tag("instance")
    walk.put((kind, create, arguments))
    for each in state if isinstance(state, tuple) else (state,):  # attributes, then slots
        if type(each) is dict and all(type(name) is str for name in each):
            walk.put_items(each.items())
        else:
            walk.put(each)
    walk.put_all(items)
    walk.put_all(pairs)


def _read_iterators(reduced: tuple[Any, ...]) -> tuple[Any, ...]:
    create, arguments, state, items, pairs = (*reduced, None, None, None)[:5]
    items = [] if items is None else list(items)
    pairs = [] if pairs is None else [part for pair in pairs for part in pair]
    return create, arguments, state, items, pairs
