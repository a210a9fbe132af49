"""Find the schema of record files: in their schema file, or by inference."""

from __future__ import annotations

import os

from headrace.errors import SchemaError
from headrace.file_errors import wrap_file_errors
from headrace.records.reading.infer_schema import infer_schema
from headrace.records.schema.schema_file import read_schema
from headrace.records.schema.sequence_example import RecordSchema, SequenceSchema
from headrace.records.tfrecord.corruption import OnCorrupt
from headrace.records.tfrecord.shards import manifest_path, schema_path
from headrace.storage import Manifest, file_exists, local_path

__all__ = ["find_schema", "read_schema_files"]


def _are_equal(first: RecordSchema, second: RecordSchema) -> bool:
    """Whether two schemas are equal, defaults included."""
    if isinstance(first, SequenceSchema) or isinstance(second, SequenceSchema):
        return isinstance(first, SequenceSchema) and first.equals(second)
    return first.equals(second, check_metadata=True)


def read_schema_files(files: list[str]) -> RecordSchema | None:
    """Read the schema files that belong to record files.

    Args:
        files: Names of record files.

    Returns:
        The schema that all of them share, or None if a record file has no schema file.

    Raises:
        SchemaError: The schema files differ.
    """
    paths = {schema_path(file): file for file in files}
    if not all(file_exists(path) for path in paths):
        return None
    for path, file in paths.items():
        _check_checksum(path, file)
    (first_path, first), *others = [(path, read_schema(path)) for path in paths]
    for path, schema in others:
        if not _are_equal(schema, first):
            raise SchemaError(f"differs from {first_path}", path=path, hint="pass the schema to read with")
    return first


def _check_checksum(path: str, file: str) -> None:
    """Check a local schema file against its set's manifest: a damaged name would read as a missing feature.

    Raises:
        RecordError: Its checksum differs.
        UsageError: The file or the manifest cannot be read.
    """
    manifest = None if local_path(file) is None else Manifest.read(manifest_path(file))
    if manifest is not None:
        folder, name = os.path.split(path)
        with wrap_file_errors(path, "cannot be read", "check the path"):
            manifest.check_checksum(f"{folder}/" if folder else "", name)


def find_schema(files: list[str], limit: int | None = None, on_corrupt: OnCorrupt = "raise") -> RecordSchema:
    """Read the schema from the files' schema file, or infer it if the file is missing.

    Args:
        files: Names of record files.
        limit: Infer from the first `limit` records only; None: from all.
        on_corrupt: How inference handles corrupt records, as for `records.read`.

    Raises:
        SchemaError: The schema files differ, or both a schema file and records are missing.
    """
    schema = read_schema_files(files)
    return infer_schema(files, limit=limit, on_corrupt=on_corrupt) if schema is None else schema
