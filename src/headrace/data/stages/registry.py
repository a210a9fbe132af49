"""The stages of a pipeline, found by their files: every `Stage` that a module of this package defines."""

from __future__ import annotations

from headrace.data.pipeline import Stage
from headrace.discovery import find_subclasses, import_modules

__all__ = ["list_stages"]

_PACKAGE = "headrace.data.stages"


def list_stages() -> list[type[Stage]]:
    """List all stages, those in subpackages too, sorted by name."""
    rooms = [module.__name__ for module in import_modules(_PACKAGE) if hasattr(module, "__path__")]
    found = [stage for package in (_PACKAGE, *rooms) for stage in find_subclasses(package, Stage)]
    return sorted(found, key=lambda stage: stage.__name__)
