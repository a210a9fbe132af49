"""Class names: what they may be, and how they fit the words that the classes of a label stand for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from headrace.arguments import show_value
from headrace.errors import UsageError
from headrace.heads.label import Label, list_words

__all__ = ["UNKNOWN", "check_class_names", "match_names", "name_by_vocabulary", "name_words"]

UNKNOWN = "[UNK]"  # the name of the class of words outside the vocabulary, as in Keras


def check_class_names(names: Any) -> None:
    """Check that class names are a list of distinct strings, or a mapping from words to these.

    Raises:
        UsageError: They are something else.
    """
    if isinstance(names, Mapping) and all(isinstance(each, str) for each in names):
        names = list(names.values())
    is_list = isinstance(names, Sequence | np.ndarray) and not isinstance(names, str)
    if not is_list or not len(names) or not all(isinstance(each, str) for each in names):
        hint = "pass the name of each class, as strings, in the order of the logits"
        raise UsageError(f"class_names: expected a list of strings, got {show_value(names)}", hint=hint)
    hint = "give each class a name of its own"
    if "" in names:
        raise UsageError(f"class_names: class {list(names).index('')} has an empty name", hint=hint)
    if len(set(names)) < len(names):
        twice = next(each for each, count in Counter(names).items() if count > 1)
        raise UsageError(f"class_names: {twice!r} is named twice", hint=hint)


def match_names(label: Label, names: Sequence[str]) -> None:
    """Check that names are the words of the label's classes, in their order.

    Raises:
        SchemaError: Another number of names, another word or another order.
    """
    words, counts = label.words or (), label.class_counts or range(0)
    hint = f"pass Classifier(vocabulary={label.name!r}), or the names in the order of the classes"
    if len(names) not in counts:
        given = f"Classifier has {len(names)} class names"
        raise label.error(f"the label has {len(words)} classes ({list_words(words)}), but {given}", hint)
    for number, (name, word) in enumerate(zip(names, words, strict=False)):
        if name == word or (word is None and name not in words):
            continue
        if word is not None and name not in words:
            hint = f"pass Classifier({{{word!r}: {name!r}, ...}}) to give the words other names"
        meant = "any other word" if word is None else repr(word)
        what = f"class {number} of the label stands for {meant}, but Classifier names it {name!r}"
        raise label.error(what, hint)


def name_by_vocabulary(label: Label, classes: int | None) -> tuple[str, ...]:
    """Return the words of a label as class names; the class of all other words is named "[UNK]".

    Args:
        label: The label, with its words.
        classes: The number of classes of the network, if it is known.

    Raises:
        SchemaError: Several classes, or one of two, have no word of their own.
    """
    words, counts = label.words or (), label.class_counts or range(0)
    words = words[: classes if classes in counts else counts[-1]]
    if words.count(None) > 1 or (None in words and len(words) < 3):
        hint = "pass the class names as a list, in the order of the classes, or use num_oov_buckets=1"
        raise label.error(f"the label has classes without a word of their own ({list_words(words)})", hint)
    return tuple(UNKNOWN if word is None else word for word in words)


def name_words(label: Label, names: Mapping[str, str], classes: int | None) -> tuple[str, ...]:
    """Return the names that a mapping gives to the words of a label, in the order of the classes.

    Raises:
        SchemaError: The mapping lacks a word, or has another.
    """
    words = name_by_vocabulary(label, classes)
    hint = f"name the classes {list_words(words)}"
    for word in words:
        if word not in names:
            raise label.error(
                f"a class of the label stands for {word!r}, which Classifier does not name", hint
            )
    for word in names:
        if word not in words:
            raise label.error(f"Classifier names {word!r}, which is not a word of the label", hint)
    return tuple(names[word] for word in words)
