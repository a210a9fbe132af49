"""Infer a schema from records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from headrace import _native
from headrace._native import ValueKind
from headrace.arguments import check_integer
from headrace.errors import RecordError, SchemaError
from headrace.records.messages.mismatch import KIND_NAMES, kind_error, malformed_error
from headrace.records.schema.sequence_example import RecordSchema, SequenceSchema, check_schema
from headrace.records.tfrecord.corruption import OnCorrupt, check_on_corrupt
from headrace.records.tfrecord.framing import Records
from headrace.records.tfrecord.recovery import read_pieces
from headrace.records.tfrecord.shards import Paths, resolve

if TYPE_CHECKING:
    from headrace._native import FeatureSummary

__all__ = ["infer_schema"]

_MAX_SPARSE = 4096  # features; a record of more must have one in a thousand of them


def _decode_name(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError as error:
        raise RecordError(f"expected a feature name in UTF-8, got {name!r}", hint="fix the writer") from error


def _survey_records(survey: _native.SequenceSurvey, records: Records) -> None:
    failure = survey.append(records.data, records.starts, records.lengths)
    if failure is None:
        return
    _, row, feature, found, expected, step = failure
    if feature < 0 or not expected:
        raise malformed_error(records.place(row), "tf.train.Example or SequenceExample")
    names = [*(name for name, *_ in survey.context()), *(steps[0] for steps, *_ in survey.feature_lists())]
    name = names[feature].decode(errors="replace")
    before = f"{KIND_NAMES[ValueKind(expected)]} as in earlier records"
    raise kind_error(records.place(row), name, ValueKind(found), before, step)


def _choose_scalar_type(kind: int, is_text: bool) -> pa.DataType:
    if kind == ValueKind.BYTES:
        return pa.string() if is_text else pa.binary()
    return pa.float32() if kind == ValueKind.FLOAT else pa.int64()


def _choose_type(kind: int, fewest: int, most: int, is_text: bool) -> pa.DataType:
    scalar = _choose_scalar_type(kind, is_text)
    if fewest == most == 1:
        return scalar
    is_fixed = fewest == most > 1 and kind != ValueKind.BYTES
    return pa.list_(scalar, most) if is_fixed else pa.list_(scalar)


def _make_field(
    rows: int, name: bytes, kind: int, present: int, fewest: int, most: int, is_text: bool
) -> pa.Field:
    return pa.field(_decode_name(name), _choose_type(kind, fewest, most, is_text), nullable=present < rows)


def _make_list_field(rows: int, steps: FeatureSummary, present: int, count: int) -> pa.Field:
    name, kind, filled, fewest, most, is_text = steps
    step = _choose_type(kind, fewest if filled == count else 0, most, is_text)
    return pa.field(_decode_name(name), pa.list_(step), nullable=present < rows)


def _sort_by_name(fields: Iterable[pa.Field]) -> pa.Schema:
    return pa.schema(sorted(fields, key=lambda field: field.name))


def _make_schema(survey: _native.SequenceSurvey) -> RecordSchema:
    context = _sort_by_name(_make_field(survey.rows, *summary) for summary in survey.context() if summary[1])
    lists = survey.feature_lists()
    if not lists:
        return context
    filled = (_make_list_field(survey.rows, *summary) for summary in lists if summary[0][1])
    schema = SequenceSchema(context, _sort_by_name(filled))
    check_schema(schema)
    return schema


def _check_density(survey: _native.SequenceSurvey, path: str) -> None:
    """Refuse records with features of their own: as a table they are nearly empty, and very large."""
    present = [summary[2] for summary in survey.context()]
    present += [records for _, records, _ in survey.feature_lists()]
    if len(present) > _MAX_SPARSE and sum(present) * 1000 < len(present) * survey.rows:
        raise SchemaError(
            f"{survey.rows:,} records have {len(present):,} distinct features, and each has few of them",
            path=path,
            hint="pass the schema of the features to read",
        )


def _read_first(files: list[str], limit: int | None, on_corrupt: OnCorrupt) -> Iterator[Records]:
    for piece in (piece for path in files for piece in read_pieces(path, on_corrupt)):
        if isinstance(piece, Records):
            yield piece if limit is None else piece.slice(0, limit)
            limit = None if limit is None else limit - len(piece)
            if limit is not None and limit <= 0:
                return


def infer_schema(paths: Paths, *, limit: int | None = None, on_corrupt: OnCorrupt = "raise") -> RecordSchema:
    """Infer the narrowest schema that matches all records, by reading each of them once.

    Fields are sorted by name.

    If any record has feature lists, the records are SequenceExamples and the result is a `SequenceSchema`;
    otherwise they are Examples.

    A feature with one value in every record that has it is a scalar; with the same number k > 1 of numbers, a
    fixed_size_list<T>[k]; else a list. Floats are float32 and integers int64; bytes are string if all of them
    are UTF-8 without NUL, else binary. A feature that some records lack is nullable; a feature that never
    holds a list of values is omitted. The same rules apply to feature lists and to their steps.

    Args:
        paths: As for `read`.
        limit: The number of records to read, from the first; quick, but later ones may not match.
        on_corrupt: With "skip" or "quarantine", corrupt records are skipped; none are written elsewhere.

    Raises:
        UsageError: No such file.
        RecordError: A corrupt file, a record of neither type, or a feature whose values change their kind.
        SchemaError: The files hold no records, a name is in both the context and the feature lists, or
            records have thousands of features, each of which few of them have.
    """
    check_on_corrupt(on_corrupt)
    limit = None if limit is None else check_integer(limit, "limit", 1)
    survey = _native.SequenceSurvey()
    files = resolve(paths, check_sizes=on_corrupt == "raise")
    for records in _read_first(files, limit, "raise" if on_corrupt == "raise" else "skip"):
        _survey_records(survey, records)
    if not survey.rows:
        raise SchemaError("no records to infer a schema from", path=files[0], hint="pass the schema")
    _check_density(survey, files[0])
    return _make_schema(survey)
