"""What stays the same as long as data does: short digests of files and stages, from process to process."""

from __future__ import annotations

import hashlib
import os

from headrace.records.schema import RecordSchema, SequenceSchema
from headrace.storage import file_stamp, local_path

__all__ = ["file_fingerprint", "fingerprint"]


def fingerprint(*what: str | bytes) -> str:
    """A digest of several things in order, 32 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=16)
    for each in what:
        data = each.encode("utf-8", "surrogatepass") if isinstance(each, str) else each
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


def file_fingerprint(path: str, schema: RecordSchema, *how: str) -> str:
    """A file by its path, size and time of change, and how it is read.

    Raises:
        UsageError: There is no such file.
    """
    local = local_path(path)
    place = path if local is None else os.path.abspath(local)  # noqa: PTH100 - links stay as they are
    return fingerprint(place, file_stamp(path), *_schema_bytes(schema), *how)


def _schema_bytes(schema: RecordSchema) -> list[bytes]:
    parts = [schema.context, schema.feature_lists] if isinstance(schema, SequenceSchema) else [schema]
    return [part.serialize().to_pybytes() for part in parts]
