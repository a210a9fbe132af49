"""The features of a transform as a network reads them: numbers, and categories with their counts."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from headrace.errors import SchemaError, UsageError
from headrace.suggestions import suggest

__all__ = ["FeatureSizes", "FrozenTransform", "count_outputs", "read_features"]


class FrozenTransform(Protocol):
    """What a network reads of an `hr.transform.Transform`."""

    @property
    def output_types(self) -> Mapping[str, Any]:
        """Output to type."""
        ...

    @property
    def removed_types(self) -> Mapping[str, Any]:
        """Removed output to type."""
        ...

    @property
    def vocabularies(self) -> Mapping[str, list[str]]:
        """Vocabulary to words."""
        ...

    def class_numbers(self, output: str) -> Any:
        """Find what the numbers of an output stand for."""
        ...


@dataclass(frozen=True)
class FeatureSizes:
    """The sizes of features, each in the order of the transform's outputs.

    Attributes:
        numbers: Feature to how many numbers it has.
        categories: Feature to how many categories it has.
    """

    numbers: dict[str, int]
    categories: dict[str, int]


def read_features(
    transform: FrozenTransform, labels: Collection[str], categories: Mapping[str, int]
) -> FeatureSizes:
    """Read the sizes of all outputs of a transform but the labels.

    Args:
        transform: The transform.
        labels: The outputs that are labels.
        categories: Counts of categories that the transform does not know, such as those of hashed strings.

    Raises:
        SchemaError: A label or category is not an output, or an output is not numbers or a category.
    """
    types = {name: type_ for name, type_ in transform.output_types.items() if name not in labels}
    for name in categories:
        if name not in types:
            hint = suggest(name, types)
            raise SchemaError(
                "the category is not among the outputs of the transform", feature=name, hint=hint
            )
    found = FeatureSizes({}, {})
    for name, type_ in types.items():
        if name in categories:
            found.categories[name] = categories[name]
        elif (type_.is_float or type_.dtype == "bool") and not type_.ragged and not type_.varies:
            found.numbers[name] = math.prod(type_.shape)
        else:
            found.categories[name] = _count_categories(transform, name, type_)
    return found


def _count_categories(transform: FrozenTransform, name: str, type_: Any) -> int:
    is_integer = type_.is_integer and not type_.ragged and not type_.shape
    classes = transform.class_numbers(name) if is_integer else None
    if classes is not None:
        return len(classes.words)
    if is_integer:
        what = "cannot find how many categories these integers stand for"
        hint = (
            f"pass categories={{{name!r}: count}}, or cast a number to float32 in the preprocessing function"
        )
        raise SchemaError(what, feature=name, hint=hint)
    what = f"expected numbers, or one category per row, got {type_}"
    hint = f"look strings up in a vocabulary; leave a column out by transform.without({name!r})"
    raise SchemaError(what, feature=name, hint=hint)


def count_outputs(transform: FrozenTransform, label: str) -> int:
    """Count the outputs of a network for a label: its classes, or its numbers.

    Raises:
        SchemaError: The transform does not have this output.
        UsageError: The transform does not know the number of classes.
    """
    types = {**transform.removed_types, **transform.output_types}
    if label not in types:
        what = "the label is not among the outputs of the transform"
        raise SchemaError(what, feature=label, hint=suggest(label, types))
    type_ = types[label]
    if type_.is_float:
        return math.prod(type_.shape)
    if type_.dtype == "bool":
        return 2
    classes = transform.class_numbers(label)
    known = [] if classes is None else [place for place, word in enumerate(classes.words) if word is not None]
    if not known:
        what = f"cannot find the number of classes of '{label}', which no vocabulary defines"
        raise UsageError(what, hint="pass outputs=, the number of classes")
    return max(2, known[-1] + 1)
