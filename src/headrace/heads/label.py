"""The label that a network is trained on, as far as it is known before all rows are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headrace.columns import ColumnType
from headrace.errors import ModelError, SchemaError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Label", "check_classes", "list_words"]

_SHOWN = 5


@dataclass(frozen=True)
class Label:
    """A label column.

    Attributes:
        name: The column.
        type: Its type.
        words: The word that each class number stands for, if the transform says so; None in the place of a
            class without a word of its own, such as that of all words outside a vocabulary.
    """

    name: str
    type: ColumnType
    words: tuple[str | None, ...] | None = None

    @property
    def class_counts(self) -> range | None:
        """The possible numbers of classes of a network for this label; None if any number is possible.

        Classes without a word at the end, those of words outside the vocabulary, may be left out.
        """
        if self.type.dtype == "bool":
            return range(2, 3)
        if self.words is None:
            return None
        known = max((place for place, word in enumerate(self.words, 1) if word is not None), default=0)
        return range(known, len(self.words) + 1)

    def error(self, what: str, hint: str) -> SchemaError:
        """Create the error for a label that does not fit."""
        return SchemaError(f"the label is {what}", feature=self.name, hint=hint)


def list_words(words: tuple[str | None, ...]) -> str:
    """List the words of classes for a message, in order."""
    shown = ", ".join("(any other)" if each is None else repr(each) for each in words[:_SHOWN])
    return shown + (f", and {len(words) - _SHOWN:,} more" if len(words) > _SHOWN else "")


def check_classes(labels: Tensor, classes: int) -> None:
    """Check class numbers, integers [N], against the number of classes of a network.

    Raises:
        ModelError: A label is negative, or not below `classes`.
    """
    wrong = labels[(labels < 0) | (labels >= classes)]
    if not len(wrong):
        return
    found = int(wrong[0])
    hint = "number the classes from 0, and build the model with one output per class"
    if found == -1:
        hint = "-1 stands for words outside a vocabulary: drop these rows, or pass num_oov_buckets=1"
    elif found < 0:
        hint = "number the classes from 0, and drop rows without a label"
    elif classes == 2:
        hint += ", or cast the label to a float for regression"
    raise ModelError(f"label {found} in a model of {classes} classes", hint=hint)
