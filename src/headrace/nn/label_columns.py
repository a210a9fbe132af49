"""The columns that a model was trained with as labels and weights, noted on the model."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

__all__ = ["note_label_columns", "read_label_columns"]

_ATTRIBUTE = "_headrace_label_columns"  # an attribute of the module, not a part of its weights


def note_label_columns(model: nn.Module, columns: Sequence[str]) -> None:
    """Note which columns a model was trained with as labels and weights: they are not features."""
    setattr(model, _ATTRIBUTE, tuple(columns))


def read_label_columns(model: nn.Module) -> tuple[str, ...]:
    """Return the columns that were noted; none of a model that was not trained by `fit`.

    Example:
        >>> model = nn.Linear(2, 1)
        >>> note_label_columns(model, ["price"])
        >>> read_label_columns(model)
        ('price',)
    """
    return getattr(model, _ATTRIBUTE, ())
