"""What a transform remembers of the outputs that it no longer computes, such as the label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from headrace.columns import ColumnType
from headrace.json_fields import read_value
from headrace.transform.evaluation import ClassNumbers

__all__ = ["RemovedOutput", "read_removed_outputs", "to_removed_json"]


@dataclass(frozen=True)
class RemovedOutput:
    """An output that `Transform.without` has removed.

    Attributes:
        type: Its type.
        classes: What its numbers stand for, if that is known.
    """

    type: ColumnType
    classes: ClassNumbers | None = None


def to_removed_json(removed: Mapping[str, RemovedOutput]) -> dict[str, Any]:
    """Convert removed outputs to JSON."""
    return {name: asdict(output) for name, output in removed.items()}


def read_removed_outputs(stored: object) -> dict[str, RemovedOutput]:
    """Read removed outputs from JSON.

    Raises:
        ValueError: The JSON value is something else.
    """
    return read_value(stored, dict[str, RemovedOutput])
