"""The errors of JSON lines, with line and key."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from headrace._native import JsonFailure, JsonFault
from headrace.errors import SchemaError

__all__ = ["MAX_NAMES", "create_fault", "declare_hint"]

MAX_NAMES = 100_000  # distinct keys
_MALFORMED = {
    JsonFault.END: ("the line ends within a value", "write one object per line"),
    JsonFault.ESCAPE: ("a string contains an escape that JSON does not have", "write a backslash as \\\\"),
    JsonFault.SURROGATE: (
        "a string contains half of a surrogate pair, which is not Unicode text",
        "write whole characters",
    ),
    JsonFault.DEPTH: ("values are nested more than 64 levels deep", "pass a schema= of other keys"),
    JsonFault.NAMES: (
        f"the lines have more than {MAX_NAMES:,} distinct keys",
        "pass a schema= of the keys to read",
    ),
    JsonFault.OVERFLOW: ("the values exceed 2 GiB", "write shorter lines"),
    JsonFault.BASE64: ('expected base64 in {"base64": ...}', "fix the text"),
}


def declare_hint(name: str, type_: str = "string") -> str:
    """Return the hint to declare the type of a column."""
    return f'declare its type: types={{"{name}": "{type_}"}}'


def create_fault(
    failure: JsonFailure,
    text: bytes,
    schema: pa.Schema | None = None,
    *,
    path: str | None = None,
    line: int | None = None,
    inferred_from: str | None = None,
) -> SchemaError:
    """Create the error for a line that the kernel rejected.

    Args:
        failure: What the kernel returned.
        text: The lines that were parsed.
        schema: The types of the columns.
        path: The file.
        line: The number of the first of the lines, from 1; None for texts that are not lines of a file.
        inferred_from: What types were inferred from; None if they were declared.
    """
    fault, at, column, names, found, key = failure
    path_names = [name.decode("utf-8", "replace") for name in names]
    if fault in (JsonFault.REPEATED, JsonFault.UNKNOWN):
        path_names.append(key.decode("utf-8", "replace"))
    if fault == JsonFault.DEPTH:
        path_names = path_names[:1]
    what, hint = _describe(fault, text, at, column, path_names, found, schema, inferred_from)
    return SchemaError(
        what,
        path=path,
        line=None if line is None else line + at,
        record=at if line is None else None,
        feature=".".join(path_names) or None,
        hint=hint,
    )


def _describe(
    fault: JsonFault,
    text: bytes,
    at: int,
    column: int,
    names: Sequence[str],
    found: bytes,
    schema: pa.Schema | None,
    inferred_from: str | None,
) -> tuple[str, str]:
    shown = _shorten(found)
    if fault in _MALFORMED:
        return _MALFORMED[fault]
    if fault == JsonFault.SYNTAX:
        quote = "quote strings by double quotes" if found.startswith(b"'") else "fix the line"
        return f"expected JSON, got {shown} at character {column + 1:,}", quote
    if fault == JsonFault.UTF8:
        line = text.split(b"\n", at + 1)[at]
        return f"expected UTF-8, got {_invalid_bytes(line)}", "save the file as UTF-8"
    if fault == JsonFault.CONTROL:
        code = found[0]
        return f"a string contains the control character {bytes([code])!r}", f"write it as \\u{code:04x}"
    if fault == JsonFault.TRAILING:
        return f"expected one object per line, got {shown} after it", "write one object per line"
    if fault == JsonFault.OBJECT:
        return f"expected an object, got {shown}", "write one object per line"
    if fault == JsonFault.REPEATED:
        return "the key occurs twice in its object", "rename one"
    if fault == JsonFault.UNKNOWN:
        return f"{inferred_from} have no such key", declare_hint(names[0])
    return _describe_mismatch(fault, names, shown, _find_type(schema, names), inferred_from)


def _describe_mismatch(
    fault: JsonFault, names: Sequence[str], shown: str, type_: pa.DataType | None, inferred_from: str | None
) -> tuple[str, str]:
    if inferred_from is not None and fault != JsonFault.FLOAT:
        hint = declare_hint(names[0])
        return f"expected {type_}, the type of {inferred_from}, got {shown}", hint
    hint = "fix the value, or declare another type"
    if fault == JsonFault.RANGE:
        return f"expected {type_}, got {shown}, which is out of its range", hint
    if fault == JsonFault.FLOAT:
        return f"expected {type_ or 'float64'}, got {shown}, which is beyond its range", hint
    return f"expected {type_}, got {shown}", hint


def _find_type(schema: pa.Schema | None, names: Sequence[str]) -> pa.DataType | None:
    """Return the type of the key at a path; numbers beyond float64 occur without a schema."""
    if schema is None or not names or names[0] not in schema.names:
        return None
    type_ = schema.field(names[0]).type
    for name in names[1:]:
        while not pa.types.is_struct(type_) and hasattr(type_, "value_type"):
            type_ = type_.value_type
        if not pa.types.is_struct(type_):
            return type_
        type_ = type_.field(name).type
    return type_


def _invalid_bytes(line: bytes) -> str:
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return repr(line[max(error.start - 20, 0) : error.start + 8])
    return "other bytes"


def _shorten(found: bytes) -> str:
    if found in (b"[", b"{"):
        return "a list" if found == b"[" else "an object"
    text = found.decode("utf-8", "replace")
    shown = "".join(each if each.isprintable() else repr(each)[1:-1] for each in text[:40])
    return shown if len(text) <= 40 else shown + "..."
