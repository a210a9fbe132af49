"""One `tf.train.Example` at a time, as a dict. For many, `read` and `write` are hundreds of times faster."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from headrace import _native
from headrace._native import Layout, ValueKind
from headrace.errors import RecordError, SchemaError
from headrace.records.messages.batch_encoder import ColumnView, to_float32
from headrace.records.schema.example import Rule
from headrace.records.tfrecord.framing import FOOTER_SIZE, HEADER_SIZE

__all__ = ["Values", "decode_example", "encode_example", "feature_values", "feature_view", "feature_views"]

Values: TypeAlias = NDArray[Any] | list[bytes]
_NO_EXAMPLE = "the bytes are no tf.train.Example"


def _bytes_view(name: str, values: list[Any]) -> ColumnView:
    encoded = [value.encode() if isinstance(value, str) else bytes(value) for value in values]
    offsets = np.concatenate([[0], np.cumsum([len(value) for value in encoded])]).astype(np.int64)
    return (
        name,
        ValueKind.BYTES,
        np.frombuffer(b"".join(encoded), np.uint8),
        offsets,
        None,
        len(encoded),
        None,
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str | bytes | bytearray | memoryview)


def feature_view(name: str, value: Any) -> ColumnView:
    """One value or list of values as a column of one row.

    Raises:
        SchemaError: A value of a type Examples cannot hold, or a float beyond float32.
    """
    if _is_text(value):
        return _bytes_view(name, [value])
    if isinstance(value, list | tuple) and all(map(_is_text, value)):
        return _bytes_view(name, list(value))
    array = np.asarray(value).reshape(-1)
    if array.dtype.kind in "SUO" and all(map(_is_text, array.tolist())):
        return _bytes_view(name, array.tolist())
    if array.dtype.kind == "f":
        return name, ValueKind.FLOAT, to_float32(array, name), None, None, len(array), None
    if array.dtype.kind in "iub":
        return (
            name,
            ValueKind.INT64,
            np.ascontiguousarray(array.astype(np.int64)),
            None,
            None,
            len(array),
            None,
        )
    what = f"a value of type {type(value).__name__} has no place in a tf.train.Example"
    raise SchemaError(what, feature=name, hint="give floats, integers, strings, bytes, or arrays of them")


def feature_views(features: Mapping[str, Any]) -> list[ColumnView]:
    """Each feature that is not None, as a column of one row.

    Raises:
        SchemaError: As `feature_view`.
    """
    return [feature_view(name, value) for name, value in features.items() if value is not None]


def encode_example(features: Mapping[str, Any]) -> bytes:
    """A serialised `tf.train.Example`.

    Args:
        features: For each name a float, integer, bool, str, bytes, or a list or array of them; None
            leaves the feature out; an empty list, as opposed to an empty array, is one of bytes.

    Raises:
        SchemaError: A value of another type, or a float beyond float32.

    Example:
        >>> decode_example(encode_example({"label": 3, "word": "sun"}))
        {'label': array([3]), 'word': [b'sun']}
    """
    return _native.encode_examples(feature_views(features), 1, 0, 1)[HEADER_SIZE:-FOOTER_SIZE].tobytes()


def _survey(
    data: bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> list[tuple[str, ValueKind]]:
    survey = _native.ExampleSurvey()
    if survey.append(data, starts, lengths) is not None:
        raise RecordError(_NO_EXAMPLE, hint="check the program that wrote it")
    try:
        return [(name.decode(), kind) for name, kind, *_ in survey.features() if kind]
    except UnicodeDecodeError as error:
        raise RecordError(
            f"{_NO_EXAMPLE}: a name is not UTF-8", hint="check the program that wrote it"
        ) from error


def feature_values(values: Any, offsets: Any) -> Values:
    """A parsed feature: numbers as they are, bytes cut at their offsets."""
    if offsets is None:
        return values
    return [values[a:b].tobytes() for a, b in pairwise(offsets.tolist())]


def decode_example(data: bytes) -> dict[str, Values]:
    """The features of a serialised `tf.train.Example`: float32 arrays, int64 arrays, or lists of bytes.

    A feature that is there without any list is left out.

    Raises:
        RecordError: The bytes are no Example.
    """
    starts, lengths = np.zeros(1, np.int64), np.array([len(data)], np.int64)
    kinds = _survey(data, starts, lengths)
    parser = _native.ExampleParser([Rule(name, kind, Layout.LIST, 1, False).spec for name, kind in kinds])
    parser.append(data, starts, lengths)
    return {
        name: feature_values(*column[:2]) for (name, _), column in zip(kinds, parser.finish(), strict=True)
    }
