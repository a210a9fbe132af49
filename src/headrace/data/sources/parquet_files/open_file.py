"""Open Parquet files, and raise what is wrong with one as an error of one line."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq

from headrace.columns import UTF8_HINT
from headrace.data.block_checksums import open_checksummed
from headrace.data.sources.files.open_for_arrow import open_for_arrow
from headrace.errors import HeadraceError, RecordError, SchemaError, UsageError
from headrace.storage import open_random_access

__all__ = ["open_parquet", "read_metadata", "read_stored_schema", "wrap_parquet_errors"]

_MAGIC = b"PAR1"
_BUFFER = 1 << 20  # bytes of a column read from the file at a time
_INT96_UNIT = "us"  # of times of Spark and Impala; nanoseconds would wrap before 1677 and after 2262


@contextmanager
def wrap_parquet_errors(path: str) -> Generator[None]:
    """Raise the errors of Arrow and of the file system as errors that name the file.

    Raises:
        SchemaError: The file is not a Parquet file, or uses a feature that Arrow cannot read.
        RecordError: The file is truncated or corrupt.
        UsageError: The file cannot be read.
    """
    try:
        yield
    except HeadraceError:
        raise
    except pa.ArrowNotImplementedError as error:
        what = f"expected a Parquet file that Arrow can read, got another one ({_shorten(error)})"
        raise SchemaError(what, path=path, hint="write the file again with other options") from error
    except OSError as error:
        if error.errno is not None:
            raise _unreadable(path, error) from error
        raise _damage(path, error) from error
    except (pa.ArrowException, ValueError, OverflowError, MemoryError) as error:
        if "UTF8" in str(error):  # of a dictionary, which Arrow checks
            raise SchemaError("expected strings in UTF-8, got others", path=path, hint=UTF8_HINT) from error
        if "all lists to be of size" in str(error):
            what = "a list of fixed size is missing, which Arrow does not read from Parquet"
            raise SchemaError(what, path=path, hint="write the column as lists of any length") from error
        raise _damage(path, error) from error


def open_parquet(path: str, encoded: Sequence[str] | None = None) -> pq.ParquetFile:
    """Open a file whose `encoded` columns are read as dictionaries; verify its checksums."""
    # pre_buffer=True would keep all bytes read so far in memory until the file is closed.
    return pq.ParquetFile(
        _open(path),
        pre_buffer=False,
        buffer_size=_BUFFER,
        read_dictionary=encoded,
        page_checksum_verification=True,
        coerce_int96_timestamp_unit=_INT96_UNIT,
    )


def read_metadata(path: str) -> pq.FileMetaData:
    """Read the footer of a file.

    Raises:
        HeadraceError: The errors of `wrap_parquet_errors`.
    """
    with wrap_parquet_errors(path):
        return pq.read_metadata(_open(path))


def read_stored_schema(path: str) -> pa.Schema:
    """Read the Arrow types that `open_parquet` reads the columns of a file as.

    Raises:
        HeadraceError: The errors of `wrap_parquet_errors`.
    """
    with (
        wrap_parquet_errors(path),
        pq.ParquetFile(_open(path), coerce_int96_timestamp_unit=_INT96_UNIT) as file,
    ):
        return file.schema_arrow


def _open(path: str) -> str | pa.NativeFile:
    """Open a file for Arrow, one of ours so that its blocks are checked."""
    checked = open_checksummed(path)
    return open_for_arrow(path) if checked is None else pa.PythonFile(checked, "r")


def _damage(path: str, error: Exception) -> HeadraceError:
    """Tell an unreadable file and a file of another format from a damaged Parquet file."""
    try:
        with open_random_access(path) as file:
            head = file.read(len(_MAGIC))
    except OSError as cause:
        return _unreadable(path, cause)
    if head != _MAGIC:
        hint = "check the file; from_csv reads text files"
        return SchemaError("not a Parquet file", path=path, hint=hint)
    what = f"the Parquet file is truncated or corrupt ({_shorten(error)})"
    return RecordError(what, path=path, hint="write or copy the file again")


def _unreadable(path: str, error: OSError) -> UsageError:
    what = f"cannot read the file ({error.strerror or _shorten(error)})"
    return UsageError(what, path=path, hint="check the file and its permissions")


def _shorten(error: Exception) -> str:
    """Return the first line of an error, at most 160 characters."""
    line = " ".join((str(error).splitlines() or [type(error).__name__])[0].split())
    return line if len(line) <= 160 else line[:160] + "..."
