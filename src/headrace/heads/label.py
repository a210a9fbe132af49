"""The label that a network is trained on, as far as it is known before all rows are read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headrace.columns import ColumnType
from headrace.errors import ModelError, SchemaError
from headrace.suggestions import suggest
from headrace.transform import Transform

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Label", "check_class_type", "check_classes", "find_label", "list_words"]

_SHOWN = 5


@dataclass(frozen=True)
class Label:
    """A label column.

    Attributes:
        name: The column.
        type: Its type.
        words: The word that each class number stands for, if the transform says so; None in the place of a
            class without a word of its own, such as that of all words outside a vocabulary.
        vocabulary: The name of the vocabulary, as in `Transform.vocabularies`, if it has one.
        is_traced: Whether the transform that computes the label is known.
    """

    name: str
    type: ColumnType
    words: tuple[str | None, ...] | None = None
    vocabulary: str | None = None
    is_traced: bool = False

    @staticmethod
    def from_transform(transform: Transform, name: str) -> Label:
        """Describe an output of a transform, one that `without` has removed too.

        Raises:
            SchemaError: The transform does not have this output.
        """
        types = {**transform.removed_types, **transform.output_types}
        if name not in types:
            raise SchemaError(
                "the label is not among the outputs of the transform", feature=name, hint=suggest(name, types)
            )
        classes = transform.class_numbers(name)
        if classes is None:
            return Label(name, types[name], is_traced=True)
        return Label(name, types[name], classes.words, classes.vocabulary, is_traced=True)

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
        return SchemaError(what, feature=self.name, hint=hint)


def find_label(transform: Transform, names: Collection[str] | None = None) -> Label | None:
    """Find the label of a transform without its label: the one output that was removed.

    Args:
        transform: The transform.
        names: Class names. If several outputs were removed, the label is the one with one of these words.

    Returns:
        None if that is not clear.
    """
    removed = [Label.from_transform(transform, name) for name in transform.removed_types]
    if len(removed) > 1:
        removed = [label for label in removed if names and set(names) & set(label.words or ())]
    return removed[0] if len(removed) == 1 else None


def list_words(words: tuple[str | None, ...]) -> str:
    """List the words of classes for a message, in order."""
    shown = ", ".join("any other word" if each is None else repr(each) for each in words[:_SHOWN])
    return shown + (f", and {len(words) - _SHOWN:,} more" if len(words) > _SHOWN else "")


def check_class_type(label: Label) -> None:
    """Check that a label is one class number per row.

    Raises:
        SchemaError: It has another type.
    """
    type_, numbers = label.type, "Classifier expects one class number per row, as integers"
    if type_.is_string:
        hint = "look it up in a vocabulary: hr.transform.compute_and_apply_vocabulary"
        raise label.error(f"the label is {type_}, but {numbers}", hint)
    if type_.ragged or type_.shape:
        hint = "return the class number of each row, not a list or a one-hot vector"
        if type_.shape == (1,):
            hint = "drop the last dimension: hr.transform.reshape(label, ())"
        raise label.error(f"the label is {type_}, but {numbers}", hint)
    if type_.is_float:
        hint = "cast it to int64 in the preprocessing function, or use the head Regressor()"
        raise label.error(f"the label is {type_}, but {numbers}", hint)


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
