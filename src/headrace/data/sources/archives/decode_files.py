"""Decode the files of a column by the type of the column.

    extension (its last part)                         type of the column
    cls, cls2, class, count, index, inx, id           int64, from decimal digits
    txt, text, transcript, json, jsn                  string, UTF-8
    anything else                                     binary, the bytes of the file

A declared schema decodes any extension as: binary; a string; a number or boolean, from text; a list or
struct, from JSON (see `headrace.data.json_values`); a field of `headrace.records.serialized`, from a
serialised tensor. Pickles are bytes and remain bytes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import pyarrow as pa

from headrace.data.json_values import from_json
from headrace.errors import RecordError, SchemaError
from headrace.records.messages import decode_tensors
from headrace.records.schema import is_serialized
from headrace.tables import parse_text

__all__ = ["column_type", "decode_files"]

_INTEGERS = {"cls", "cls2", "class", "count", "index", "inx", "id"}
_TEXTS = {"txt", "text", "transcript", "json", "jsn"}


def column_type(name: str) -> pa.DataType:
    """Return the type of a column by its extension.

    >>> column_type("seg.png"), column_type("cls")
    (DataType(binary), DataType(int64))
    """
    extension = name.rpartition(".")[2]
    return pa.int64() if extension in _INTEGERS else pa.string() if extension in _TEXTS else pa.binary()


def decode_files(files: Sequence[bytes | None], field: pa.Field) -> pa.Array:
    """Decode the files of a column; None is a missing file.

    Raises:
        SchemaError: A file does not match the type, or a required file is missing; `record` is its index.
    """
    if not field.nullable and None in files:
        what, hint = "a required file is missing", "declare the column nullable, or repair the archive"
        raise SchemaError(what, record=files.index(None), feature=field.name, hint=hint)
    type_ = field.type
    if is_serialized(field):
        return _decode_tensors(files, field)
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return pa.array(files, type_)
    texts = [None if data is None else _decode(data, field, row) for row, data in enumerate(files)]
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return pa.array(texts, type_)
    try:
        return _convert([None if text is None else text.strip() for text in texts], field)
    except (SchemaError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise _find_mismatch(texts, field, error) from error


def _decode_tensors(files: Sequence[bytes | None], field: pa.Field) -> pa.Array:
    try:
        return decode_tensors(pa.array(files, pa.large_binary()), field.type, field.name)
    except RecordError as error:
        raise SchemaError(error.what, record=error.record, feature=field.name, hint=error.hint) from error


def _convert(texts: list[str | None], field: pa.Field) -> pa.Array:
    if pa.types.is_nested(field.type) or isinstance(field.type, pa.BaseExtensionType):
        # Between the values of JSON, line breaks are spaces; inside strings, JSON escapes them.
        lines = [None if text is None else re.sub(r"[\r\n]+", " ", text) for text in texts]
        return from_json(pa.array(lines, pa.string()), field.type, field.name)
    values = parse_text(pa.array(texts, pa.string()), field.type)
    if pa.types.is_floating(field.type):
        for text, value in zip(texts, values.to_pylist(), strict=True):
            if text is not None and math.isinf(value) and "n" not in text.lower():
                raise pa.ArrowInvalid(f"{text} is beyond {field.type}")  # which Arrow reads as infinite
    return values


def _decode(data: bytes, field: pa.Field, row: int) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        hint = "declare the column binary in `schema`"
        raise SchemaError("the file is not UTF-8", record=row, feature=field.name, hint=hint) from error


def _find_mismatch(texts: list[str | None], field: pa.Field, error: Exception) -> SchemaError:
    for row, text in enumerate(texts):
        try:
            _convert([None if text is None else text.strip()], field)
        except (SchemaError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
            what = f"expected {field.type}, got the text {'' if text is None else text[:40]!r}"
            hint = "declare another type in `schema`"
            return SchemaError(what, record=row, feature=field.name, hint=hint)
    return SchemaError(str(error), feature=field.name, hint="declare another type in `schema`")
