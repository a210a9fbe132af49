"""Labels that are strings: numbered by the class names of the head, or by the words of the training data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from headrace.errors import SchemaError, UsageError
from headrace.heads import Classifier, SeveralHeads
from headrace.suggestions import suggest
from headrace.training.tasks import Targets

if TYPE_CHECKING:
    from headrace.data import Dataset

__all__ = ["name_and_number", "number_labels"]

_MOST_WORDS = 10_000


@dataclass(frozen=True)
class LabelNumbers:
    """Replaces the strings of a label column by their numbers; for `Dataset.map`.

    Attributes:
        column: The label column.
        words: The string of each class.
    """

    column: str
    words: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Replace the column of a batch.

        Raises:
            SchemaError: A label is missing, or is not among the words.
        """
        place = batch.schema.get_field_index(self.column)
        values = batch.column(place).cast(pa.string())
        words = pa.array(self.words, pa.string())
        numbers = pc.call_function("index_in", [values], pc.SetLookupOptions(words))
        if numbers.null_count:
            found = values[pc.index(numbers.is_null(), True).as_py()].as_py()
            what = "a label is missing" if found is None else f"the label '{found}' is not one of the classes"
            hint = "drop rows without a label" if found is None else suggest(found, self.words)
            raise SchemaError(what, feature=self.column, hint=hint)
        return batch.set_column(place, self.column, numbers.cast(pa.int64()))


def name_and_number(
    train: Dataset, validation: Dataset, targets: Targets, head: Any
) -> tuple[Dataset, Dataset, Any]:
    """Number the labels that are strings in both datasets, by the class names or else in sorted order.

    Returns:
        The datasets, and the head with the names of the classes.

    Raises:
        UsageError: The head of a string label is not a classifier, or the strings are too many.
    """
    if isinstance(targets.label, str):
        head, named = _name(train, targets.label, head)
    else:
        given = dict(head) if isinstance(head, Mapping) else {}
        pairs = {key: _name(train, column, given.get(key)) for key, column in targets.label.items()}
        words = {**given, **{key: each for key, (each, _) in pairs.items()}}
        is_kept = all(each is None for each in words.values()) or not isinstance(head, Mapping | None)
        head = head if is_kept else words
        named = head if is_kept else {**given, **{key: each for key, (_, each) in pairs.items()}}
    return number_labels(train, targets, head), number_labels(validation, targets, head), named


def number_labels(data: Dataset, targets: Targets, head: Any) -> Dataset:
    """Number the labels that are strings by the class names of their head; without names, they stay."""
    if isinstance(targets.label, str):
        return _number(data, targets.label, head)
    heads = head.heads if isinstance(head, SeveralHeads) else head
    for key, column in targets.label.items():
        data = _number(data, column, heads.get(key) if isinstance(heads, Mapping) else None)
    return data


def _name(train: Dataset, column: str, head: Any) -> tuple[Any, Any]:
    """Return the head whose names are the strings of the label, and the one with the names to show."""
    if not _holds_strings(train, column):
        return head, head
    if not isinstance(head, Classifier | None):
        what = f"the label '{column}' is strings, which {type(head).__name__} does not take"
        raise UsageError(
            what, hint="pass head=hr.deploy.Classifier(class_names), or cast the label to numbers"
        )
    names = None if head is None else head.class_names
    if names is None:
        named = replace(head or Classifier(), class_names=_find_words(train, column), vocabulary=None)
        return named, named
    shown = tuple(names.values()) if isinstance(names, Mapping) else names
    return head, replace(head or Classifier(), class_names=shown)


def _number(data: Dataset, column: str, head: Any) -> Dataset:
    names = head.class_names if isinstance(head, Classifier) else None
    if names is None or not _holds_strings(data, column):
        return data
    return data.map(LabelNumbers(column, tuple(names)))


def _holds_strings(data: Dataset, column: str) -> bool:
    return column in data.schema.names and _is_string(data.schema.field(column).type)


def _is_string(type_: pa.DataType) -> bool:
    value = type_.value_type if pa.types.is_dictionary(type_) else type_
    return pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_string_view(value)


def _find_words(train: Dataset, column: str) -> tuple[str, ...]:
    """Return the distinct labels of the training data, sorted.

    Raises:
        UsageError: There are too many to be classes.
    """
    words = set[str]()
    for batch in train.select([column]):
        found = batch.column(0).cast(pa.string()).unique().to_pylist()
        words.update(word for word in found if word is not None)
        if len(words) > _MOST_WORDS:
            what = f"the label '{column}' has more than {_MOST_WORDS:,} distinct strings"
            raise UsageError(what, hint="name a column of classes as the label")
    return tuple(sorted(words))
