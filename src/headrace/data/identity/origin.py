"""Where the rows of a dataset come from: the files and folders that its sources read."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from typing import Any

__all__ = ["find_paths"]


def find_paths(dataset: Any) -> list[str]:
    """List the files, folders and URLs that a dataset reads, absolute, in reading order.

    Datasets that it combines are searched, too; data in memory have no paths.
    """
    return list(dict.fromkeys(_find(dataset, set())))


def _find(value: Any, seen: set[int]) -> Iterator[str]:
    if id(value) in seen:
        return
    seen.add(id(value))
    for name in ("files", "path"):
        found = getattr(value, name, None)
        paths = [found] if isinstance(found, str) else found if isinstance(found, tuple) else []
        yield from (_make_absolute(path) for path in paths if isinstance(path, str))
    names = [field.name for field in dataclasses.fields(value)] if dataclasses.is_dataclass(value) else []
    for name in dict.fromkeys([*names, "pipeline", "source"]):
        inner = getattr(value, name, None)
        for each in inner if isinstance(inner, tuple) else [inner]:
            if type(each).__module__.startswith("headrace."):
                yield from _find(each, seen)


def _make_absolute(path: str) -> str:
    return path if "://" in path else os.path.abspath(path)  # noqa: PTH100 - a path need not be UTF-8
