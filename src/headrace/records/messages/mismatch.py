"""The errors of records that are corrupt or do not match the schema."""

from __future__ import annotations

import pyarrow as pa

from headrace._native import RecordFault, ValueKind
from headrace.errors import RecordError
from headrace.records.schema.example import is_list
from headrace.records.tfrecord.framing import Place, checksum_error

__all__ = ["FIX_WRITER", "KIND_NAMES", "kind_error", "malformed_error", "mismatch_error"]

FIX_WRITER = "check the program that wrote it"
KIND_NAMES = {ValueKind.BYTES: "bytes", ValueKind.FLOAT: "float", ValueKind.INT64: "int64"}
_TYPE_NAMES = {ValueKind.BYTES: "binary", ValueKind.FLOAT: "float32", ValueKind.INT64: "int64"}


def malformed_error(place: Place, message: str) -> RecordError:
    """The error of bytes that are not a serialised `message`."""
    return place.error(f"not a valid {message}", FIX_WRITER)


def kind_error(place: Place, feature: str, found: ValueKind, expected: str, step: int = -1) -> RecordError:
    """The error of a feature whose values are of another kind than expected.

    Args:
        place: Where the record is.
        feature: The feature's name.
        found: The kind of its values.
        expected: What was expected, in words.
        step: The step of a feature list; below 0: not a feature list.
    """
    what = f"expected {expected}, got {KIND_NAMES[found]}"
    return place.error(_add_step(what, step), f"read it as {_TYPE_NAMES[found]} or fix the writer", feature)


def mismatch_error(
    place: Place,
    message: str,
    field: pa.Field | None,
    fault: RecordFault,
    found: int,
    expected: int,
    step: int,
) -> RecordError:
    """The error of a record that the native parser rejected.

    Args:
        place: Where the record is.
        message: The type of message that was expected.
        field: The field of the schema whose feature is at fault; None: the record as a whole.
        fault: Why the record was rejected.
        found: What the record holds; see `RecordFault`.
        expected: What was expected instead.
        step: The step of a feature list; below 0: not a feature list.
    """
    if fault == RecordFault.CHECKSUM:
        return checksum_error(place)
    if field is None:
        return malformed_error(place, message)
    type_ = field.type if step < 0 else field.type.value_type
    if fault == RecordFault.KIND:
        return kind_error(place, field.name, ValueKind(found), str(type_), step)
    of_step = _explain_step(fault, found, expected) if step >= 0 and not is_list(type_) else None
    what, hint = of_step or _explain(fault, type_, found, expected)
    return place.error(_add_step(what, step), hint, field.name)


def _add_step(what: str, step: int) -> str:
    return what if step < 0 else f"step {step:,}: {what}"


def _format_count(count: int) -> str:
    return f"{count:,} value" + ("" if count == 1 else "s")


def _explain_step(fault: RecordFault, found: int, expected: int) -> tuple[str, str] | None:
    """What is wrong with a step of a fixed size, and the hint; None if the same as with a feature."""
    hint = "read it as a list of lists or fix the writer"
    if fault == RecordFault.MISSING:
        return "expected a value, got none", hint
    if fault == RecordFault.COUNT:
        return f"expected {_format_count(expected)}, got {found:,}", hint
    return None


def _explain(fault: RecordFault, type_: pa.DataType, found: int, expected: int) -> tuple[str, str]:
    """What is wrong, and the hint."""
    if fault == RecordFault.MISSING:
        return "is missing, but the schema requires it", "make it nullable in the schema or fix the writer"
    if fault == RecordFault.COUNT:
        return f"expected {_format_count(expected)}, got {found:,}", "read it as a list or fix the writer"
    if fault == RecordFault.SIZE:
        return f"expected {expected:,} bytes, got {found:,}", "read it as binary or fix the writer"
    if fault == RecordFault.RANGE:
        number = type_ if pa.types.is_primitive(type_) else type_.value_type
        return f"{found} is out of range for {number}", "read it as int64 or fix the writer"
    if fault == RecordFault.UTF8:
        return "expected UTF-8, got other bytes", "read it as binary or fix the writer"
    if fault == RecordFault.OVERFLOW:
        return "exceeds 2**31 values or bytes in one batch", "read with a smaller batch_size"
    return "is malformed", FIX_WRITER
