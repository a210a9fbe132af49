"""Whether record files are whole."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.errors import RecordError
from headrace.records.files import size
from headrace.records.parse import BatchParser
from headrace.records.scan import scan_file
from headrace.records.sequence_schema import RecordSchema
from headrace.records.sharding import Paths, resolve

__all__ = ["CheckReport", "FileCheck", "check", "count"]


@dataclass(frozen=True)
class FileCheck:
    """What one file holds.

    Attributes:
        path: The file.
        records: Good records before the end or the first error.
        bytes: The file's size, 0 if its file system does not say.
        error: The first error, or None.
    """

    path: str
    records: int
    bytes: int
    error: RecordError | None


@dataclass(frozen=True)
class CheckReport:
    """What `check` found, one entry a file."""

    files: tuple[FileCheck, ...]

    @property
    def records(self) -> int:
        """Good records in all files."""
        return sum(file.records for file in self.files)

    @property
    def bytes(self) -> int:
        """The files' sizes together."""
        return sum(file.bytes for file in self.files)

    @property
    def ok(self) -> bool:
        """Whether no file has an error."""
        return not any(file.error for file in self.files)

    def raise_first(self) -> None:
        """Raises the first error, if there is one."""
        for file in self.files:
            if file.error:
                raise file.error


def _check_file(path: str, schema: RecordSchema | None) -> FileCheck:
    records, error = 0, None
    try:
        for found in scan_file(path):
            if schema is not None:
                BatchParser(schema).append(found)
            records += len(found)
    except RecordError as caught:
        error, records = caught, caught.record or 0
    return FileCheck(path, records, size(path) or 0, error)


def check(paths: Paths, *, schema: RecordSchema | None = None) -> CheckReport:
    """Reads all records, verifies their checksums, and with a schema that they are messages that fit it.

    A file's error is in the report, not raised; what follows the error in its file is not looked at.

    Raises:
        UsageError: No such file.
        SchemaError: A schema that cannot describe records.
    """
    return CheckReport(tuple(_check_file(path, schema) for path in resolve(paths)))


def count(paths: Paths) -> int:
    """The number of records; every checksum is verified on the way.

    Raises:
        UsageError: No such file.
        RecordError: A damaged file.
    """
    return sum(len(records) for path in resolve(paths) for records in scan_file(path))
