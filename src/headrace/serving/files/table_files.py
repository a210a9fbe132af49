"""Predict the rows of files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from headrace.data.formats import Origin
from headrace.errors import RecordError, SchemaError
from headrace.serving.files.read_rows import RowReader
from headrace.serving.predictor import Predictor
from headrace.source_line import warn_user
from headrace.storage import leave_out_manifests
from headrace.suggestions import find_similar

__all__ = ["FilePredictions", "predict_files"]

_ROWS = 8192  # of a batch, at most
_BYTES = 1 << 20  # of the raw columns of a batch, about: a network holds many times as much
_DECODED_ROWS = 16  # of a batch of cells that are decoded, whose size is not known before


class FilePredictions:
    """The answers for the rows of files, beside the columns to keep.

    Attributes:
        num_rows: The number of rows, if it is known.
    """

    def __init__(
        self,
        predictor: Predictor,
        files: Sequence[tuple[str, RowReader]],
        keep: Sequence[str],
        limit: int | None,
    ) -> None:
        self._predictor = predictor
        self._files = files
        self._keep = keep
        self._limit = limit
        counts = [reader.num_rows for _, reader in files]
        total = None if None in counts else sum(count for count in counts if count is not None)
        self.num_rows = total if limit is None else limit if total is None else min(limit, total)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Predict batch by batch; every batch has the same schema.

        Raises:
            SchemaError: A value does not fit, or the files hold different types of a column to keep; names
                the file, the row and the column.
        """
        left, schema = self._limit, None
        for path, reader in self._files:
            first_row = 0
            for batch in self._cut(reader.read()):
                if left == 0:
                    return
                rows = batch if left is None else batch.slice(0, left)
                answers = self._answer(rows, path, first_row)
                if schema is not None and answers.schema != schema:
                    answers = _cast(answers, schema, path)
                schema = answers.schema
                yield answers
                first_row += rows.num_rows
                left = None if left is None else left - rows.num_rows
        if schema is None:
            yield self._answer_nothing()

    def _answer(self, batch: pa.RecordBatch, path: str, first_row: int) -> pa.RecordBatch:
        try:
            answers = self._predictor.predict(batch)
        except (SchemaError, RecordError) as error:  # a batch does not know where its rows are
            if error.path is not None:  # of an image
                raise
            record = None if error.record is None else first_row + error.record
            raise type(error)(
                error.what, path=path, record=record, feature=error.feature, hint=error.hint
            ) from error
        kept = [batch.column(name) for name in self._keep]
        return pa.RecordBatch.from_arrays(
            [*kept, *answers.columns], names=[*self._keep, *answers.schema.names]
        )

    def _answer_nothing(self) -> pa.RecordBatch:
        answers = self._predictor.predict_nothing()
        fields = [self._files[0][1].schema.field(name) for name in self._keep]
        kept = [pa.nulls(0, field.type) for field in fields]
        return pa.RecordBatch.from_arrays(
            [*kept, *answers.columns], names=[*self._keep, *answers.schema.names]
        )

    def _cut(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Cut batches, so that memory does not grow with those of the file."""
        is_decoded = any(each.encoding == "image" for each in self._predictor.columns)
        for batch in batches:
            width = max(1, batch.nbytes // max(1, batch.num_rows))
            rows = _DECODED_ROWS if is_decoded else max(1, min(_ROWS, _BYTES // width))
            for start in range(0, batch.num_rows, rows):
                yield batch.slice(start, rows)


def predict_files(
    predictor: Predictor, origins: Sequence[Origin], keep: Sequence[str] = (), limit: int | None = None
) -> FilePredictions:
    """Predict the rows of files, in order, in bounded memory; their manifests and schemas are left out.

    Args:
        predictor: The model.
        origins: The files; text is read with the types of the model.
        keep: Columns of the files to put beside the answers.
        limit: The number of rows to predict; None is all.

    Raises:
        UsageError: A file does not exist, or has no known format.
        SchemaError: A file is malformed or lacks a column, or a column to keep has the name of an answer.
    """
    taken = predictor.predict_nothing().schema.names
    for name in keep:
        if name in taken:
            what = "the model has an output of this name"
            raise SchemaError(what, feature=name, hint="rename the column in the file, or do not keep it")
    files = list[tuple[str, RowReader]]()
    chosen = _leave_out_companions([origin.path for origin in origins])
    for origin in origins:
        if origin.path not in chosen:
            continue
        reader = RowReader(origin, predictor.columns, keep)
        if reader.names or reader.num_rows:
            _check_columns(predictor, reader.names, origin.path)
        files.append((origin.path, reader))
    return FilePredictions(predictor, files, keep, limit)


def _leave_out_companions(paths: Sequence[str]) -> set[str]:
    """Leave out the files that belong to others among the paths: a shell's `rows/*` names them, too."""
    if any(".tfrecord" in path for path in paths):
        from headrace.records.tfrecord import leave_out_companions  # loads the readers of records

        paths = leave_out_companions(paths)
    return set(leave_out_manifests(paths))


def _check_columns(predictor: Predictor, names: Sequence[str], path: str) -> None:
    """Check that a file has the columns of a model; one that is optional and absent may be misspelt."""
    try:
        predictor.check_columns(names)
    except SchemaError as error:
        raise SchemaError(error.what, path=path, feature=error.feature, hint=error.hint) from error
    known = set(names)
    absent = [each.name for each in predictor.columns if each.name not in known]
    if absent:
        wanted = {each.name for each in predictor.columns}
        shown = ", ".join(absent[:5]) + (f" and {len(absent) - 5:,} more" if len(absent) > 5 else "")
        others = [name for name in names if name not in wanted]
        similar = find_similar(absent[0], others)
        warn_user(f"{path}: missing in all rows: {shown}" + (f"; {similar}" if similar else ""))


def _cast(batch: pa.RecordBatch, schema: pa.Schema, path: str) -> pa.RecordBatch:
    for field, other in zip(schema, batch.schema, strict=True):
        if field.type != other.type:
            try:
                batch.column(field.name).cast(field.type)
            except pa.ArrowInvalid as error:
                what = f"expected {field.type} as in the files before, got {other.type}"
                hint = f"pass --type {field.name}=string"
                raise SchemaError(what, path=path, feature=field.name, hint=hint) from error
    return batch.cast(schema)
