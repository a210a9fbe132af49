"""Whether record files are whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from headrace.errors import RecordError
from headrace.records.messages.batch_parser import BatchParser
from headrace.records.schema.sequence_example import RecordSchema
from headrace.records.tfrecord.corruption import CorruptionLog, FileCorruption, Loss, OnCorrupt
from headrace.records.tfrecord.framing import COPY_AGAIN, Place, Records
from headrace.records.tfrecord.recovery import file_pieces
from headrace.records.tfrecord.scan import scan_file
from headrace.records.tfrecord.shards import Paths, manifest_path, resolve
from headrace.storage import Manifest, file_size

__all__ = ["CheckReport", "FileCheck", "check", "count"]


@dataclass(frozen=True)
class FileCheck:
    """What one file holds.

    Attributes:
        path: The file.
        records: Whole records, before and behind any damage.
        bytes: The file's size, 0 if its file system does not say.
        error: The first error, or None.
        lost: What is damaged, or None.
    """

    path: str
    records: int
    bytes: int
    error: RecordError | None
    lost: FileCorruption | None = None


@dataclass(frozen=True)
class CheckReport:
    """What `check` found, one entry a file."""

    files: tuple[FileCheck, ...]

    @property
    def records(self) -> int:
        """Whole records in all files."""
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


def _damage(loss: Loss) -> RecordError:
    return Place(loss.path, loss.record, loss.offset).error(loss.what, COPY_AGAIN)


def _misfit(records: Records, schema: RecordSchema) -> RecordError | None:
    """What is wrong with the first record that does not fit the schema."""
    try:
        BatchParser(schema).append(records)
    except RecordError as error:
        return error
    return None


def _check_manifest(path: str) -> RecordError | None:
    """Compare a file's size and checksum with the manifest of its set, if it has one."""
    manifest = Manifest.read(manifest_path(path))
    name = PurePath(path).name
    folder = path[: len(path) - len(name)]
    try:
        if manifest is not None:
            manifest.check_sizes(folder, [name])
            manifest.check_checksum(folder, name)
    except RecordError as error:
        return error
    return None


def _check_file(
    path: str, schema: RecordSchema | None, quarantine: bool, progress: Callable[[int], None]
) -> FileCheck:
    records, error = 0, None
    on_corrupt: OnCorrupt = "quarantine" if quarantine else "skip"
    log = CorruptionLog(on_corrupt)
    try:
        for piece in file_pieces(path, on_corrupt):
            if isinstance(piece, Loss):
                error = error or _damage(piece)
                log.add([piece], path)
                continue
            if schema is not None and error is None:
                error = _misfit(piece, schema)
            records += len(piece)
            progress(len(piece))
        log.commit()
    except BaseException:
        log.discard()
        raise
    lost = next(iter(log.report.files), None)
    error = error or _check_manifest(path)
    return FileCheck(path, records, file_size(path) or 0, error, lost)


def check(
    paths: Paths,
    *,
    schema: RecordSchema | None = None,
    quarantine: bool = False,
    progress: Callable[[int], None] = lambda _records: None,
) -> CheckReport:
    """Reads all records, verifies their checksums, and with a schema that they are messages that fit it.

    Errors are in the report, not raised. Damage is passed over, so that every whole record is counted and
    every damaged stretch is found; of records that do not fit the schema, the first of each file is told.

    Args:
        paths: As for `read`.
        schema: What the records should hold; None: anything.
        quarantine: Copy damaged bytes to FILE.corrupt, and say where they lay in FILE.corrupt.jsonl.
        progress: Called with the number of records read since the last call.

    Raises:
        UsageError: No such file, or one that cannot be read.
        SchemaError: A schema that cannot describe records.
    """
    if schema is not None:
        BatchParser(schema)
    return CheckReport(
        tuple(_check_file(path, schema, quarantine, progress) for path in resolve(paths, check_sizes=False))
    )


def count(paths: Paths) -> int:
    """The number of records; every checksum is verified on the way.

    Raises:
        UsageError: No such file.
        RecordError: A damaged file.
    """
    return sum(len(records) for path in resolve(paths) for records in scan_file(path))
