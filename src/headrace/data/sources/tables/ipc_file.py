"""Arrow IPC files and streams: tell one from the other, open them, read their batches, count their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

import pyarrow as pa

from headrace.columns import empty_batch, find_repeated
from headrace.data.block_checksums import open_checksummed
from headrace.data.rows import split_rows
from headrace.data.sources.files.open_for_arrow import open_for_arrow
from headrace.data.sources.tables.arrow_checks import corruption_error, first_line, validate
from headrace.data.sources.tables.local_file import FileIdentity, MappedFile, guard_mappings, open_file
from headrace.errors import SchemaError, UsageError
from headrace.storage import READ_ERRORS, local_path, open_decompressed, open_random_access
from headrace.tables import simplify_table, to_batch

__all__ = [
    "count_rows",
    "is_compressed",
    "is_stream",
    "iterate_batches",
    "read_batches",
    "read_schema",
    "simplify_batches",
]

_MAGIC, _FEATHER_1 = b"ARROW1\0\0", b"FEA1"
_END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"
_COMPRESSED = (".gz", ".bz2", ".zst")


def is_compressed(file: str) -> bool:
    """Return whether a file is compressed as a whole, by its name."""
    return file.endswith(_COMPRESSED)


def is_stream(file: str) -> bool:
    """Return whether a file starts as a stream does, not as a file with a footer."""
    with open_decompressed(file) as opened:
        try:
            head = opened.read(len(_MAGIC))
        except READ_ERRORS as error:
            raise UsageError(f"cannot read the file ({error})", path=file, hint="check the file") from error
    if head.startswith(_FEATHER_1):
        hint = "read it with pyarrow.feather.read_table, and write it as version 2"
        raise SchemaError("Feather version 1 is not supported", path=file, hint=hint)
    if head.startswith(b"ARROW1") and head != _MAGIC:
        raise corruption_error(file, "the header is not that of an Arrow file")
    return head != _MAGIC


def _open(file: str) -> Any:
    """Open a file as its batches are read, into memory: local, at a URL, or decompressed."""
    if is_compressed(file):
        return pa.PythonFile(open_decompressed(file), "r")
    if local_path(file) is not None:
        return open_file(file)
    checked = open_checksummed(file)
    return open_for_arrow(file) if checked is None else pa.PythonFile(checked, "r")


def _open_reader(file: str, opened: Any, names: Sequence[str] | None = None) -> Any:
    """Open the batches of a file; of one with a footer, only the buffers of the named columns are read."""
    as_stream = is_stream(file)
    try:
        if not as_stream and not is_compressed(file):
            reader = pa.ipc.open_file(opened)
            if not names or len(names) == len(reader.schema):
                return reader
            chosen = frozenset(names)
            places = [place for place, name in enumerate(reader.schema.names) if name in chosen]
            return pa.ipc.open_file(opened, options=pa.ipc.IpcReadOptions(included_fields=places))
        if not as_stream:
            opened.read(len(_MAGIC))  # a file is its magic number, a stream, and a footer
        elif not is_compressed(file):
            _check_end(file)
        return pa.ipc.open_stream(opened)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        what = f"not an Arrow file ({first_line(error)})"
        raise SchemaError(what, path=file, hint="check the file; it may be truncated") from error
    except READ_ERRORS as error:
        raise corruption_error(file, f"the file is truncated or corrupt ({first_line(error)})") from error


def _check_end(file: str) -> None:
    """Check that a stream has its end marker; Arrow takes one that is cut between messages for complete."""
    with open_random_access(file) as opened:
        size = opened.seek(0, 2)
        opened.seek(max(size - len(_END_OF_STREAM), 0))
        if opened.read() != _END_OF_STREAM:
            raise SchemaError(
                "not an Arrow file, or a truncated stream: the end-of-stream marker is missing",
                path=file,
                hint="copy or write the file again",
            )


def read_schema(file: str, columns: Sequence[str] | None = None) -> pa.Schema:
    """Read the schema of a file, without metadata, as the types of its batches are simplified.

    Args:
        file: The file.
        columns: The columns to read; None is all. Others that share a name are left out of the schema.

    Raises:
        SchemaError: Not an Arrow file, or two of the columns to read have the same name.
    """
    with closing(_open(file)) as opened:
        schema = _open_reader(file, opened).schema.remove_metadata()
    try:
        chosen = frozenset(schema.names if columns is None else columns)
        repeated = find_repeated([name for name in schema.names if name in chosen])
    except UnicodeDecodeError as error:
        raise corruption_error(file, "the name of a column is not UTF-8") from error
    if repeated is not None:
        hint = "rename one when the file is written, or read other columns"
        raise SchemaError("two columns have this name", path=file, feature=repeated, hint=hint)
    counts = Counter(schema.names)
    schema = pa.schema([field for field in schema if counts[field.name] == 1])
    return simplify_table(pa.Table.from_batches([empty_batch(schema)]), is_foreign=False).schema


def read_batches(file: str, schema: pa.Schema, batch_rows: int) -> Iterator[pa.RecordBatch]:
    """Read the columns of `schema` of all batches of a file, checked, and cut to at most `batch_rows` rows.

    Raises:
        RecordError: The file is truncated or corrupt, or it has been cut since it was opened.
    """
    with closing(_open(file)) as opened:
        is_local = local_path(file) is not None and not is_compressed(file)
        identity = FileIdentity.read(file) if is_local else None
        rows = 0
        for batch in simplify_batches(file, iterate_batches(file, opened, schema, identity)):
            validate(file, batch, rows)
            rows += batch.num_rows
            yield from split_rows(batch, batch_rows)


def iterate_batches(
    file: str, opened: Any, schema: pa.Schema, identity: FileIdentity | None = None, first: int = 0
) -> Iterator[pa.RecordBatch]:
    """Read the columns of `schema` of the batches of an open file, of the types that are stored.

    Args:
        file: Its name.
        opened: The file.
        schema: The columns.
        identity: What a local file was when it was opened; None does not check whether it has been cut.
        first: The first batch to read.

    Raises:
        RecordError: The file is truncated or corrupt.
    """
    reader = _open_reader(file, opened, schema.names)
    is_file = hasattr(reader, "num_record_batches")
    number = first if is_file else 0
    while not is_file or number < reader.num_record_batches:
        if identity is not None:
            identity.check_size()
        try:
            batch = reader.get_batch(number) if is_file else reader.read_next_batch()
            batch.validate()
            batch = batch.select(schema.names)
        except StopIteration:
            return
        except (pa.ArrowException, *READ_ERRORS) as error:
            raise corruption_error(
                file, f"batch {number:,} is truncated or corrupt ({first_line(error)})"
            ) from error
        if number >= first:
            yield batch.replace_schema_metadata(schema.metadata)
        number += 1


def simplify_batches(file: str, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Convert the types of batches of a file to those of `read_schema`, after the values are checked.

    Raises:
        RecordError: A batch is corrupt.
    """
    for batch in batches:
        try:
            yield _simplify(batch)
        except pa.ArrowException as error:
            raise corruption_error(file, f"a batch is corrupt ({first_line(error)})") from error


def _simplify(batch: pa.RecordBatch) -> pa.RecordBatch:
    simple = simplify_table(pa.Table.from_batches([batch.slice(0, 0)]), is_foreign=False).schema
    both = zip(simple.types, batch.schema.types, strict=True)
    changed = [place for place, (new, old) in enumerate(both) if new != old or pa.types.is_dictionary(old)]
    if not changed:
        return batch
    for place in changed:
        batch.column(place).validate(full=True)
    simplified = to_batch(simplify_table(pa.Table.from_batches([batch.select(changed)]), is_foreign=False))
    columns = dict(enumerate(batch.columns)) | dict(zip(changed, simplified.columns, strict=True))
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=simple)


def count_rows(file: str) -> int:
    """Count the rows of a file from the headers of its batches; a stream must be local and uncompressed."""
    if is_stream(file):
        mapped = MappedFile(file)
        with guard_mappings([mapped]):
            return sum(
                batch.num_rows for batch in iterate_batches(file, mapped.opened, read_schema(file, ()))
            )
    from pyarrow import dataset  # takes 20 ms to import

    with closing(_open(file)) as opened:
        if find_repeated(_open_reader(file, opened).schema.names) is not None:  # Arrow's own count refuses it
            return sum(batch.num_rows for batch in iterate_batches(file, opened, read_schema(file, ())))
        try:
            return dataset.IpcFileFormat().make_fragment(opened).count_rows()
        except (pa.ArrowException, OSError) as error:
            raise corruption_error(file, f"the footer is corrupt ({first_line(error)})") from error
