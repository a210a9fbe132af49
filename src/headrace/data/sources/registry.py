"""The sources of a pipeline, found by their files: every public class in them that fulfils `Source`.

The files lie in this package or in one of its packages.
"""

from __future__ import annotations

from typing import cast

from headrace.data.pipeline import Source
from headrace.discovery import find_subclasses, import_modules

__all__ = ["list_sources"]

_MEMBERS = ("schema", "num_rows", "read")  # of `Source`, which classes fulfil without inheriting from it


def list_sources() -> list[type[Source]]:
    """List all sources, sorted by name."""
    top = "headrace.data.sources"
    packages = [top, *(each.__name__ for each in import_modules(top) if hasattr(each, "__path__"))]
    classes = [each for package in packages for each in find_subclasses(package, object)]
    found = [each for each in classes if all(hasattr(each, member) for member in _MEMBERS)]
    return cast("list[type[Source]]", sorted(found, key=lambda source: source.__name__))
