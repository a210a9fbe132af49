"""Encode and decode one `tf.train.SequenceExample`. For many, `read` and `write` are far faster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from headrace import _native
from headrace._native import Layout, ValueKind
from headrace.errors import RecordError, SchemaError
from headrace.records.messages.batch_encoder import FeatureListView, compute_row_splits
from headrace.records.messages.example import (
    Values,
    check_features,
    convert_feature,
    view_feature,
    view_features,
)
from headrace.records.messages.mismatch import FIX_WRITER
from headrace.records.schema.example import Rule
from headrace.records.tfrecord.framing import FOOTER_SIZE, HEADER_SIZE
from headrace.records.tfrecord.payload import as_bytes

if TYPE_CHECKING:
    from headrace._native import FeatureSummary

__all__ = ["decode_sequence_example", "encode_sequence_example"]

_MALFORMED = "not a valid tf.train.SequenceExample"
FeatureLists: TypeAlias = dict[str, list[NDArray[Any] | list[bytes]]]


def _is_empty(step: Any) -> bool:
    return isinstance(step, list | tuple) and not step


def _find_kind(name: str, views: list[Any]) -> ValueKind:
    """Find the one kind of all steps; integers among floats become floats."""
    kinds = {view[1] for view in views}
    if kinds == {ValueKind.FLOAT, ValueKind.INT64}:
        return ValueKind.FLOAT
    if len(kinds) > 1:
        raise SchemaError(
            "expected steps of one kind, got text and numbers", feature=name, hint="make two feature lists"
        )
    return kinds.pop() if kinds else ValueKind.BYTES


def _view_steps(name: str, steps: Sequence[Any]) -> FeatureListView:
    if any(step is None for step in steps):
        raise SchemaError("expected a value for each step, got None", feature=name, hint="use an empty list")
    views = [view_feature(name, step) for step in steps if not _is_empty(step)]
    kind = _find_kind(name, views)
    filled = iter(views)
    counts = [0 if _is_empty(step) else next(filled)[5] for step in steps]
    empty = np.empty(
        0, {ValueKind.FLOAT: np.float32, ValueKind.INT64: np.int64, ValueKind.BYTES: np.uint8}[kind]
    )
    values = np.concatenate([empty, *(view[2] for view in views)], dtype=empty.dtype)
    offsets = None
    if kind == ValueKind.BYTES:
        offsets = compute_row_splits(
            np.concatenate([np.zeros(0, np.int64), *(np.diff(view[3]) for view in views)])
        )
    splits = np.array([0, len(steps)])
    column = (name, kind, values, offsets, compute_row_splits(counts), 1, None, False)
    return column, splits, None, len(steps)


def encode_sequence_example(
    context: Mapping[str, Any], feature_lists: Mapping[str, Sequence[Any] | None]
) -> bytes:
    """Serialise a `tf.train.SequenceExample`.

    Args:
        context: The features of the whole record, as for `encode_example`.
        feature_lists: For each name the steps, each a value as for `encode_example`. None omits the list.

    Raises:
        SchemaError: A value of another type, a float out of range for float32, or steps of different kinds.

    Example:
        >>> data = encode_sequence_example({"score": 0.5}, {"words": ["a", ["b", "c"]]})
        >>> decode_sequence_example(data)
        ({'score': array([0.5], dtype=float32)}, {'words': [[b'a'], [b'b', b'c']]})
    """
    named = check_features(feature_lists, "feature_lists")
    lists = [_view_steps(name, steps) for name, steps in named.items() if steps is not None]
    framed, _ = _native.encode_sequence_examples(view_features(context), lists, 1, 0, 1)
    return framed[HEADER_SIZE:-FOOTER_SIZE].tobytes()


def _make_rules(summaries: list[FeatureSummary]) -> list[Rule]:
    try:
        return [
            Rule(name.decode(), kind or ValueKind.BYTES, Layout.LIST, 1, False)
            for name, kind, *_ in summaries
        ]
    except UnicodeDecodeError as error:
        raise RecordError(f"{_MALFORMED}: a name is not UTF-8", hint=FIX_WRITER) from error


def decode_sequence_example(data: Any) -> tuple[dict[str, Values], FeatureLists]:
    """Parse the context and the feature lists of a serialised `tf.train.SequenceExample`.

    Values are float32 arrays, int64 arrays or lists of bytes; a feature list is a list of them, one per step.
    A context feature that is present without a list of values is omitted; such a step is empty.

    Args:
        data: The message: bytes, a buffer, or a scalar of a binary Arrow column.

    Raises:
        UsageError: `data` is something else, such as an array.
        RecordError: The bytes are not a valid SequenceExample.
    """
    data = as_bytes(data)
    starts, lengths = np.zeros(1, np.int64), np.array([len(data)], np.int64)
    survey = _native.SequenceSurvey()
    if survey.append(data, starts, lengths) is not None:
        raise RecordError(_MALFORMED, hint=FIX_WRITER)
    context = _make_rules([summary for summary in survey.context() if summary[1]])
    lists = _make_rules([steps for steps, *_ in survey.feature_lists()])
    parser = _native.SequenceParser([rule.spec for rule in context], [(rule.spec, True) for rule in lists])
    parser.append(data, starts, lengths)
    features, feature_lists = parser.finish()
    named_lists = zip(lists, feature_lists, strict=True)
    return (
        {rule.name: convert_feature(*column[:2]) for rule, column in zip(context, features, strict=True)},
        {rule.name: _split_steps(*steps[:3]) for rule, (steps, *_) in named_lists},
    )


def _split_steps(values: Any, offsets: Any, row_splits: Any) -> list[Values]:
    return [
        values[a:b] if offsets is None else convert_feature(values, offsets[a : b + 1])
        for a, b in pairwise(row_splits.tolist())
    ]
