"""The names of the classes of a head, which the words of the label may define."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from headrace.arguments import check_name
from headrace.errors import UsageError
from headrace.heads.class_names import check_class_names, match_names, name_by_vocabulary, name_words
from headrace.heads.head import Head
from headrace.heads.label import Label, find_label

if TYPE_CHECKING:
    from torch import Tensor

    from headrace.transform import Transform

__all__ = ["NamedClasses"]


@dataclass(frozen=True)
class NamedClasses(Head):
    """A head whose outputs are of classes with names.

    Where the transform looks the label up in a vocabulary, or compares it with a word, the names are checked
    against the words that the classes stand for.

    Attributes:
        class_names: The name of each class, in the order of the logits, or a mapping from the words of the
            label's vocabulary to such names; None is without names.
        vocabulary: The label column (or its `vocab_filename`) whose words name the classes, instead of
            `class_names`. The class of words outside the vocabulary is named "[UNK]".
    """

    class_names: Sequence[str] | Mapping[str, str] | None = None
    vocabulary: str | None = None

    def __post_init__(self) -> None:
        """Check the class names."""
        if self.class_names is not None:
            check_class_names(self.class_names)
        if self.vocabulary is None:
            return
        check_name(self.vocabulary, "vocabulary")
        if self.class_names is not None:
            what = "expected class_names or vocabulary, got both"
            raise UsageError(what, hint="pass vocabulary to name the classes by the words of the label")

    def check_type(self, label: Label) -> None:
        """Check the type of the label.

        Raises:
            SchemaError: The label has another type.
        """

    def count_classes(self, outputs: Tensor) -> int:
        """Count the classes of the output of a network."""
        return outputs.shape[-1]

    @property
    def names(self) -> tuple[str, ...] | None:
        """The names in the order of the classes; None for class numbers.

        Raises:
            UsageError: The names are those of the label's vocabulary, and the label is not known.
        """
        if self.vocabulary is not None or isinstance(self.class_names, Mapping):
            what = "the class names depend on the vocabulary of the label, which the transform does not know"
            hint = "keep the label among the outputs of the preprocessing function, and remove it by without"
            raise UsageError(what, hint=hint)
        return None if self.class_names is None else tuple(self.class_names)

    def for_label(self, label: Label | None, outputs: Tensor | None = None) -> Self:
        """Return the head with names in the order of the label's classes, checked against its words.

        Raises:
            SchemaError: The label does not fit the head, or its classes have other names.
        """
        if label is None:
            return self
        self.check_type(label)
        if label.is_traced and self.vocabulary not in (None, label.name, label.vocabulary):
            hint = f"pass Classifier(vocabulary={label.name!r})"
            raise label.error(
                f"Classifier names the classes by {self.vocabulary!r}, which is not the label", hint
            )
        if label.words is None:
            if label.is_traced and (self.vocabulary is not None or isinstance(self.class_names, Mapping)):
                hint = "pass the class names as a list, in the order of the classes"
                raise label.error(
                    "the label is not looked up in a vocabulary, which would name its classes", hint
                )
            return self
        classes = None if outputs is None else self.count_classes(outputs)
        if self.vocabulary is not None:
            return replace(self, class_names=name_by_vocabulary(label, classes), vocabulary=None)
        if isinstance(self.class_names, Mapping):
            return replace(self, class_names=name_words(label, self.class_names, classes))
        if self.class_names is not None:
            match_names(label, self.class_names)
        return self

    def find_label(self, transform: Transform) -> Label | None:
        """Find the label: the output that `vocabulary` names, or that has class names among its words.

        Raises:
            SchemaError: No output has the name `vocabulary`, or a vocabulary of this name.
        """
        if self.vocabulary is None:
            return find_label(transform, self.class_names)
        known = {**transform.removed_types, **transform.output_types}
        if self.vocabulary in known:
            return Label.from_transform(transform, self.vocabulary)
        labels = [Label.from_transform(transform, name) for name in known]
        named = [label for label in labels if label.vocabulary == self.vocabulary]
        return named[0] if named else Label.from_transform(transform, self.vocabulary)

    def find_named(self, transform: Transform) -> Label | None:
        """Find the label that `vocabulary` or the class names name; None without them."""
        is_named = self.vocabulary is not None or self.class_names is not None
        return self.find_label(transform) if is_named else None
