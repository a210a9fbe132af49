"""Find the builders of the catalogue."""

from __future__ import annotations

from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.discovery import find_instances, import_modules

__all__ = ["find_builders"]

_PACKAGE = "headrace.datasets.builders"


def find_builders() -> list[DatasetBuilder]:
    """Collect the builders that the modules of `headrace.datasets.builders` and of its rooms define."""
    rooms = [module.__name__ for module in import_modules(_PACKAGE) if hasattr(module, "__path__")]
    return [each for room in (_PACKAGE, *rooms) for each in find_instances(room, DatasetBuilder)]
