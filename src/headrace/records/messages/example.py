"""Encode and decode one `tf.train.Example`. For many, `read` and `write` are hundreds of times faster."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from headrace import _native
from headrace._native import Layout, ValueKind
from headrace.arguments import check_unicode, show_value
from headrace.errors import RecordError, SchemaError, UsageError
from headrace.records.messages.batch_encoder import ColumnView, to_float32
from headrace.records.messages.mismatch import FIX_WRITER
from headrace.records.messages.values import to_array
from headrace.records.schema.example import Rule
from headrace.records.tfrecord.framing import FOOTER_SIZE, HEADER_SIZE
from headrace.records.tfrecord.payload import as_bytes

__all__ = [
    "Values",
    "check_features",
    "convert_feature",
    "decode_example",
    "encode_example",
    "view_feature",
    "view_features",
]

Values: TypeAlias = NDArray[Any] | list[bytes]
_MALFORMED = "not a valid tf.train.Example"
_LARGEST = 2**63 - 1


def _view_bytes(name: str, values: list[Any]) -> ColumnView:
    encoded = [
        check_unicode(value, f"feature '{name}'").encode()
        if isinstance(value, str)
        else as_bytes(value, name)
        for value in values
    ]
    offsets = np.concatenate([[0], np.cumsum([len(value) for value in encoded])]).astype(np.int64)
    return (
        name,
        ValueKind.BYTES,
        np.frombuffer(b"".join(encoded), np.uint8),
        offsets,
        None,
        len(encoded),
        None,
        False,
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str | bytes | bytearray | memoryview)


def view_feature(name: str, value: Any) -> ColumnView:
    """View one value or list of values as a column of one row.

    Raises:
        SchemaError: A value of a type that Examples cannot hold, or a float out of range for float32.
    """
    if _is_text(value):
        return _view_bytes(name, [value])
    if isinstance(value, list | tuple) and all(map(_is_text, value)):
        return _view_bytes(name, list(value))
    array = _to_array(name, value).reshape(-1)
    if array.dtype.kind in "SUO" and all(map(_is_text, array.tolist())):
        return _view_bytes(name, array.tolist())
    if array.dtype.kind == "f":
        return name, ValueKind.FLOAT, to_float32(array, name), None, None, len(array), None, False
    if array.dtype.kind == "u" and (array > _LARGEST).any():
        what = f"expected integers of int64, got {array.max()}"
        raise SchemaError(what, feature=name, hint="convert it to a float or a string")
    if array.dtype.kind in "iub":
        return (
            name,
            ValueKind.INT64,
            np.ascontiguousarray(array.astype(np.int64)),
            None,
            None,
            len(array),
            None,
            False,
        )
    what = f"expected floats, integers, strings or bytes, got a value of type {type(value).__name__}"
    raise SchemaError(what, feature=name, hint="convert it to a type that an Example can hold")


def _to_array(name: str, value: Any) -> NDArray[Any]:
    try:
        return to_array(value)
    except SchemaError as error:
        error.feature = name
        raise


def view_features(features: Mapping[str, Any]) -> list[ColumnView]:
    """View each feature that is not None as a column of one row.

    Raises:
        SchemaError: As for `view_feature`.
        UsageError: A name is not Unicode text, or a string is not.
    """
    named = check_features(features, "features")
    return [view_feature(name, value) for name, value in named.items() if value is not None]


def check_features(features: Any, name: str) -> Mapping[str, Any]:
    """Return a mapping of the names of features, which are Unicode text.

    Raises:
        UsageError: Another object, or a name that is not text.
    """
    if not isinstance(features, Mapping):
        what = f"{name}: expected a mapping, got {show_value(features)}"
        raise UsageError(what, hint='pass names and values, as in {"label": 3}')
    for each in features:
        if not isinstance(each, str):
            what = f"{name}: expected names that are strings, got {show_value(each)}"
            raise UsageError(what, hint="use strings as keys")
        check_unicode(each, "the name of a feature")
    return features


def encode_example(features: Mapping[str, Any]) -> bytes:
    """Serialise a `tf.train.Example`.

    Args:
        features: For each name a float, integer, bool, str, bytes, or a list or array of them. None omits
            the feature. An empty list is a list of bytes; an empty array keeps its type.

    Raises:
        SchemaError: A value of another type, a list of mixed types or with missing values, an integer out of
            range for int64, or a float out of range for float32.

    Example:
        >>> decode_example(encode_example({"score": 0.5, "word": "sun"}))
        {'score': array([0.5], dtype=float32), 'word': [b'sun']}
    """
    framed, _ = _native.encode_examples(view_features(features), 1, 0, 1)
    return framed[HEADER_SIZE:-FOOTER_SIZE].tobytes()


def _survey(
    data: bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> list[tuple[str, ValueKind]]:
    survey = _native.ExampleSurvey()
    if survey.append(data, starts, lengths) is not None:
        raise RecordError(_MALFORMED, hint=FIX_WRITER)
    try:
        return [(name.decode(), kind) for name, kind, *_ in survey.features() if kind]
    except UnicodeDecodeError as error:
        raise RecordError(f"{_MALFORMED}: a name is not UTF-8", hint=FIX_WRITER) from error


def convert_feature(values: Any, offsets: Any) -> Values:
    """Convert a parsed feature to an array of numbers or a list of bytes."""
    if offsets is None:
        return values
    return [values[a:b].tobytes() for a, b in pairwise(offsets.tolist())]


def decode_example(data: Any) -> dict[str, Values]:
    """Parse a serialised `tf.train.Example` into float32 arrays, int64 arrays and lists of bytes.

    A feature that is present without a list of values is omitted.

    Args:
        data: The message: bytes, a buffer, or a scalar of a binary Arrow column.

    Raises:
        UsageError: `data` is something else, such as an array.
        RecordError: The bytes are not a valid Example.
    """
    data = as_bytes(data)
    starts, lengths = np.zeros(1, np.int64), np.array([len(data)], np.int64)
    kinds = _survey(data, starts, lengths)
    parser = _native.ExampleParser([Rule(name, kind, Layout.LIST, 1, False).spec for name, kind in kinds])
    parser.append(data, starts, lengths)
    return {
        name: convert_feature(*column[:2]) for (name, _), column in zip(kinds, parser.finish(), strict=True)
    }
