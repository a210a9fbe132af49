"""The label that a network is trained on, as far as it is known before all rows are read."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headrace.columns import ColumnType
from headrace.errors import ModelError, SchemaError
from headrace.suggestions import suggest
from headrace.transform import Transform

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "Label",
    "check_class_type",
    "check_classes",
    "check_label_set",
    "check_label_vectors",
    "check_number_type",
    "find_label",
    "list_words",
]

_SHOWN = 5
_ROUNDING = 1e-3  # of probabilities that sum to 1


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
        if self.type.shape and not self.type.ragged:  # the probability of each class
            return None if self.type.shape == (1,) else range(self.type.shape[0], self.type.shape[0] + 1)
        if self.type.dtype == "bool":
            return range(2, 3)
        if self.words is None:
            return None
        known = max((place for place, word in enumerate(self.words, 1) if word is not None), default=0)
        return range(known, len(self.words) + 1)

    @property
    def set_sizes(self) -> range | None:
        """The possible numbers of labels of a label of several; None if any number is possible."""
        if self.type.shape and not self.type.ragged:
            return range(self.type.shape[0], self.type.shape[0] + 1)
        return self.class_counts

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
    """Check that a label is one class per row: its number, or the probability of each class.

    Raises:
        SchemaError: It has another type.
    """
    type_, numbers = label.type, "Classifier expects one class number per row, as integers"
    if type_.is_string:
        hint = "look it up in a vocabulary: hr.transform.compute_and_apply_vocabulary"
        raise label.error(f"the label is {type_}, but {numbers}", hint)
    if type_.ragged or len(type_.shape) > 1:
        hint = "return the class number of each row, or use the head MultiLabelClassifier()"
        raise label.error(f"the label is {type_}, but {numbers}", hint)
    if type_.is_float and type_.shape in ((), (1,)):
        hint = "cast it to int64 in the preprocessing function, or use the head Regressor()"
        raise label.error(f"the label is {type_}, but {numbers}", hint)


def check_label_set(label: Label) -> None:
    """Check that a label is several at once: a vector of 0 and 1, or a list of numbers of labels.

    Raises:
        SchemaError: It has another type.
    """
    type_, several = label.type, "MultiLabelClassifier expects a vector of 0 and 1, or a list of numbers"
    if type_.is_string:
        hint = "look them up in a vocabulary: hr.transform.compute_and_apply_vocabulary"
        raise label.error(f"the label is {type_}, but {several}", hint)
    is_list = type_.ragged and not type_.shape and type_.is_integer
    if not is_list and (type_.ragged or len(type_.shape) != 1):
        hint = "concatenate the columns of 0 and 1: hr.transform.concatenate, or use the head Classifier()"
        raise label.error(f"the label is {type_}, but {several}", hint)


def check_number_type(label: Label, head: str, *, several: bool) -> None:
    """Check that a label is one float per row, or several.

    Raises:
        SchemaError: It has another type.
    """
    type_ = label.type
    count = math.prod(type_.shape)
    if type_.is_string or (not type_.is_float and not type_.ragged and (several or count == 1)):
        hint = "cast it to float32 in the preprocessing function, or use the head Classifier()"
        raise label.error(f"the label is {type_}, but {head} expects floats", hint)
    if type_.ragged or len(type_.shape) > 1 or not count or (count > 1 and not several):
        hint = "train on one number per row, or on the class number of each row with Classifier()"
        raise label.error(f"the label is {type_}, but {head} expects one number per row", hint)


def check_classes(labels: Tensor, classes: int) -> None:
    """Check labels against the number of classes of a network.

    Args:
        labels: Class numbers, integers [N] or [N, 1], or the probability of each class [N, classes].
        classes: The number of classes.

    Raises:
        ModelError: A label is negative, or not below `classes`; or probabilities of a row do not sum to 1.
    """
    if labels.ndim == 2 and labels.shape[1] > 1:
        _check_probabilities(labels, classes)
        return
    wrong = labels[(labels < 0) | (labels >= classes)]
    if not wrong.numel():
        return
    found = int(wrong.reshape(-1)[0])
    hint = "number the classes from 0, and build the model with one output per class"
    if found == -1:
        hint = "-1 stands for words outside a vocabulary: drop these rows, or pass num_oov_buckets=1"
    elif found < 0:
        hint = "number the classes from 0, and drop rows without a label"
    elif classes == 2:
        hint += ", or cast the label to a float for regression"
    raise ModelError(f"label {found} in a model of {classes} classes", hint=hint)


def check_label_vectors(labels: Tensor) -> None:
    """Check labels of several at once, [N, labels].

    Raises:
        ModelError: A label is not between 0 and 1; NaN is left to the loss.
    """
    wrong = (labels < 0) | (labels > 1)
    if bool(wrong.any()):
        what = f"expected labels of 0 and 1, got {float(labels[wrong][0]):g}"
        raise ModelError(what, hint="return 1 for each label that a row has, 0 for the others")


def _check_probabilities(labels: Tensor, classes: int) -> None:
    if labels.shape[1] != classes:
        what = f"labels of {labels.shape[1]} classes in a model of {classes} classes"
        raise ModelError(what, hint="build the model with one output per class")
    values = labels.double()
    wrong = (values < 0).any(dim=1) | ((values.sum(dim=1) - 1).abs() > _ROUNDING)
    if bool(wrong.any()):
        row = int(wrong.nonzero()[0, 0])
        shown = ", ".join(f"{each:g}" for each in values[row, :_SHOWN].tolist())
        what = f"label [{shown}{', ...' if classes > _SHOWN else ''}] in row {row} of the batch"
        hint = "probabilities of a row sum to 1; for several labels at once use MultiLabelClassifier()"
        raise ModelError(what, hint=hint)
