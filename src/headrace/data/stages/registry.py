"""The stages of a pipeline, found by their files: every `Stage` that a module of this package defines."""

from __future__ import annotations

from headrace.data.pipeline import Stage
from headrace.discovery import find_subclasses

__all__ = ["list_stages"]


def list_stages() -> list[type[Stage]]:
    """List all stages, sorted by name."""
    return sorted(find_subclasses("headrace.data.stages", Stage), key=lambda stage: stage.__name__)
