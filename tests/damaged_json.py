"""Copies of a JSON value with one field missing, added, or of another type or range."""

import copy
from collections.abc import Iterator
from typing import Any

VALUES = (None, True, -1, 1.5, 10**30, "x", [], {}, [[1]], {"x": 1})


def damage(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the place and the copy, for each place and each wrong value."""
    for other in VALUES:
        if other != value:
            yield "/", other
    for path in _paths(value):
        for other in VALUES:
            changed = copy.deepcopy(value)
            parent = _at(changed, path[:-1])
            if type(parent[path[-1]]) is not type(other) or parent[path[-1]] != other:
                parent[path[-1]] = other
                yield f"{path} = {other!r}", changed
        changed = copy.deepcopy(value)
        del _at(changed, path[:-1])[path[-1]]
        yield f"{path} is missing", changed
        if isinstance(parent := _at(value, path[:-1]), dict):
            changed = copy.deepcopy(value)
            _at(changed, path[:-1])["another"] = parent[path[-1]]
            yield f"a field beside {path}", changed


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from _paths(value[key], (*path, key))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value
