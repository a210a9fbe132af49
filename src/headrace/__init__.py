"""Headrace: preprocessing defined once, from raw records to a PyTorch model to one ONNX file.

Names load on first use, so that `import headrace` stays light.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

from headrace.errors import (
    DependencyError,
    HeadraceError,
    ModelError,
    RankError,
    RecordError,
    SchemaError,
    TraceError,
    UsageError,
)

if TYPE_CHECKING:
    from headrace import (
        datasets,
        deploy,
        images,
        layers,
        nn,
        recipes,
        records,
        report,
        serving,
        training,
        transform,
        vision,
    )
    from headrace.data import Dataset
    from headrace.recipes import Recipe, Splits
    from headrace.transform import Transform

__version__ = "0.1.0"

__all__ = [
    "Dataset",
    "DependencyError",
    "HeadraceError",
    "ModelError",
    "RankError",
    "Recipe",
    "RecordError",
    "SchemaError",
    "Splits",
    "TraceError",
    "Transform",
    "UsageError",
    "datasets",
    "deploy",
    "images",
    "layers",
    "nn",
    "recipes",
    "records",
    "report",
    "serving",
    "training",
    "transform",
    "vision",
]

_ROOMS = {
    "datasets",
    "deploy",
    "images",
    "layers",
    "nn",
    "recipes",
    "records",
    "report",
    "serving",
    "training",
    "transform",
    "vision",
}
_NAMES = {
    "Dataset": "headrace.data",
    "Recipe": "headrace.recipes",
    "Splits": "headrace.recipes",
    "Transform": "headrace.transform",
}


def __getattr__(name: str) -> object:
    if name in _ROOMS:
        return _import_module(f"headrace.{name}")
    if name in _NAMES:
        return getattr(_import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'headrace' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
