"""Check record files for corruption, and count their records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from headrace import _native
from headrace.arguments import check_flag
from headrace.errors import RecordError
from headrace.records.messages.batch_parser import BatchParser
from headrace.records.schema.sequence_example import RecordSchema
from headrace.records.tfrecord.corruption import CorruptionLog, FileCorruption, Loss, OnCorrupt
from headrace.records.tfrecord.framing import COPY_AGAIN, Place, Records
from headrace.records.tfrecord.recovery import read_pieces
from headrace.records.tfrecord.scan import scan_file
from headrace.records.tfrecord.shard_checksum import ShardChecksum
from headrace.records.tfrecord.shards import Paths, manifest_path, resolve
from headrace.storage import Manifest, RecordsChecksum, file_size

__all__ = ["CheckReport", "FileCheck", "check", "count"]


@dataclass(frozen=True)
class FileCheck:
    """The result of checking one file.

    Attributes:
        path: The file.
        records: The number of intact records, before and after any corruption.
        bytes: The size of the file; 0 if its file system does not report it.
        error: The first error, or None.
        lost: What is corrupt, or None.
    """

    path: str
    records: int
    bytes: int
    error: RecordError | None
    lost: FileCorruption | None = None


@dataclass(frozen=True)
class CheckReport:
    """The result of `check`, with one entry per file."""

    files: tuple[FileCheck, ...]

    @property
    def records(self) -> int:
        """The number of intact records in all files."""
        return sum(file.records for file in self.files)

    @property
    def bytes(self) -> int:
        """The total size of the files."""
        return sum(file.bytes for file in self.files)

    @property
    def ok(self) -> bool:
        """Whether no file has an error."""
        return not any(file.error for file in self.files)

    def raise_first(self) -> None:
        """Raise the first error, if any."""
        for file in self.files:
            if file.error:
                raise file.error


def _corruption_error(loss: Loss) -> RecordError:
    return Place(loss.path, loss.record, loss.offset).error(loss.what, COPY_AGAIN)


def _find_mismatch(records: Records, schema: RecordSchema) -> RecordError | None:
    """Find the error of the first record that does not match the schema."""
    try:
        BatchParser(schema).append(records)
    except RecordError as error:
        return error
    return None


def _check_manifest(path: str, found: RecordsChecksum) -> RecordError | None:
    """Compare a file's size and the checksum of its records with the manifest of its set, if it has one."""
    manifest = Manifest.read(manifest_path(path))
    name = PurePath(path).name
    folder = path[: len(path) - len(name)]
    try:
        if manifest is not None:
            manifest.check_sizes(folder, [name])
            manifest.check_checksum(folder, name)
            manifest.check_records(folder, name, found)
    except RecordError as error:
        return error
    return None


def _check_file(
    path: str, schema: RecordSchema | None, quarantine: bool, progress: Callable[[int], None]
) -> FileCheck:
    records, error, checksum = 0, None, ShardChecksum()
    on_corrupt: OnCorrupt = "quarantine" if quarantine else "skip"
    log = CorruptionLog(on_corrupt)
    try:
        for piece in read_pieces(path, on_corrupt):
            if isinstance(piece, Loss):
                error = error or _corruption_error(piece)
                log.add([piece], path)
                continue
            if schema is not None and error is None:
                error = _find_mismatch(piece, schema)
            records += len(piece)
            checksum.update(_native.gather_checksums(piece.data, piece.starts, piece.lengths))
            progress(len(piece))
        log.commit()
    except BaseException:
        log.discard()
        raise
    lost = next(iter(log.report.files), None)
    error = error or _check_manifest(path, checksum.value)
    return FileCheck(path, records, file_size(path) or 0, error, lost)


def check(
    paths: Paths,
    *,
    schema: RecordSchema | None = None,
    quarantine: bool = False,
    progress: Callable[[int], None] = lambda _records: None,
) -> CheckReport:
    """Read all records, and verify their checksums and, with a schema, that they match it.

    Errors are reported, not raised. Corrupt bytes are skipped, so that all intact records are counted and all
    corrupt ranges are found. Of the records that do not match the schema, the first of each file is reported.
    An intact file is compared with the manifest of its set, if it has one: the size, and the number and
    checksum of the records.

    Args:
        paths: As for `read`.
        schema: What the records must match; None: any bytes are valid.
        quarantine: Whether to copy corrupt bytes to FILE.corrupt, and their places to FILE.corrupt.jsonl.
        progress: Called with the number of records read since the last call.

    Raises:
        UsageError: A file does not exist or cannot be read.
        SchemaError: A schema that cannot describe records.
    """
    check_flag(quarantine, "quarantine")
    if schema is not None:
        BatchParser(schema)
    return CheckReport(
        tuple(_check_file(path, schema, quarantine, progress) for path in resolve(paths, check_sizes=False))
    )


def count(paths: Paths) -> int:
    """Count the records of files, verifying every checksum.

    Raises:
        UsageError: No such file.
        RecordError: A file is corrupt.
    """
    return sum(len(records) for path in resolve(paths) for records in scan_file(path))
