"""Digests of files and stages that are equal in every process as long as the data does not change."""

from __future__ import annotations

import hashlib
import os

from headrace.records.schema import RecordSchema, SequenceSchema
from headrace.storage import file_stamp, local_path

__all__ = ["file_fingerprint", "fingerprint"]


def fingerprint(*values: str | bytes) -> str:
    """Return a digest of several values in order, 32 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=16)
    for value in values:
        data = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


def file_fingerprint(path: str, schema: RecordSchema, *options: str) -> str:
    """Return a digest of a file's path, size and modification time, and of how it is read.

    Raises:
        UsageError: The file does not exist.
    """
    local = local_path(path)
    place = path if local is None else os.path.abspath(local)  # noqa: PTH100 - symbolic links are not resolved
    return fingerprint(place, file_stamp(path), *_schema_bytes(schema), *options)


def _schema_bytes(schema: RecordSchema) -> list[bytes]:
    parts = [schema.context, schema.feature_lists] if isinstance(schema, SequenceSchema) else [schema]
    return [part.serialize().to_pybytes() for part in parts]
