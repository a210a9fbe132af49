"""A schema found by looking at all records."""

from __future__ import annotations

import pyarrow as pa

from headrace import _native
from headrace.errors import RecordError, SchemaError
from headrace.records.framing import Records, scan_file
from headrace.records.parse import kind_conflict, malformed
from headrace.records.schema import BYTES, FLOAT, INT64
from headrace.records.sharding import Paths, resolve

__all__ = ["infer_schema"]

_NAMES = {BYTES: "bytes", FLOAT: "float", INT64: "int64"}


def _survey_records(survey: _native.ExampleSurvey, records: Records) -> None:
    failure = survey.append(records.data, records.starts, records.lengths)
    if failure is None:
        return
    _, row, feature, found, expected = failure
    if feature < 0 or not expected:
        raise malformed(records.place(row))
    name = survey.features()[feature][0].decode(errors="replace")
    raise kind_conflict(records.place(row), name, found, f"it was {_NAMES[expected]} in earlier records")


def _scalar_type(kind: int, is_text: bool) -> pa.DataType:
    if kind == BYTES:
        return pa.string() if is_text else pa.binary()
    return pa.float32() if kind == FLOAT else pa.int64()


def _type(kind: int, fewest: int, most: int, is_text: bool) -> pa.DataType:
    scalar = _scalar_type(kind, is_text)
    if fewest == most == 1:
        return scalar
    is_fixed = fewest == most > 1 and kind != BYTES
    return pa.list_(scalar, most) if is_fixed else pa.list_(scalar)


def _field(
    rows: int, name: bytes, kind: int, present: int, fewest: int, most: int, is_text: bool
) -> pa.Field:
    try:
        decoded = name.decode()
    except UnicodeDecodeError as error:
        raise RecordError(f"a feature's name {name!r} is not UTF-8", way_out="fix the writer") from error
    return pa.field(decoded, _type(kind, fewest, most, is_text), nullable=present < rows)


def infer_schema(paths: Paths) -> pa.Schema:
    """The narrowest schema that reads all records, fields sorted by name. Reads every record once.

    One value in every record that has the feature makes a scalar; the same number k > 1 of numbers a
    fixed_size_list<T>[k]; anything else a list. Floats are float32, integers int64; bytes are string if all
    of them are UTF-8 without a NUL, else binary. A feature some records lack is nullable; one that
    never holds a list is left out.

    Raises:
        UsageError: No such file.
        RecordError: A damaged file, a record that is no Example, or a feature that changes its kind.
        SchemaError: The files hold no records.
    """
    survey = _native.ExampleSurvey()
    files = resolve(paths)
    for path in files:
        for records in scan_file(path):
            _survey_records(survey, records)
    if not survey.rows:
        raise SchemaError("holds no records to infer a schema from", path=files[0], way_out="give the schema")
    fields = [_field(survey.rows, *summary) for summary in survey.features() if summary[1]]
    return pa.schema(sorted(fields, key=lambda field: field.name))
