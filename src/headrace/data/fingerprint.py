"""Digests of data: those that a saved position is compared by, and the keys of caches.

A *fingerprint* is the same for the same data in every process and wherever the files lie, so that a state can
be resumed on another machine. It samples large files. A *cache key* must never miss a change: it also goes by
the file's times, and is another one after the file was copied or touched.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from headrace.data.identity import content_digest, file_stamp, stat_digest

if TYPE_CHECKING:
    from headrace.records.schema import RecordSchema

__all__ = [
    "files_cache_key",
    "files_fingerprint",
    "fingerprint",
    "folder_cache_key",
    "rows_cache_key",
    "source_fingerprint",
]


def fingerprint(*values: str | bytes) -> str:
    """Return a digest of several values in order, 32 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=16)
    for value in values:
        data = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


def files_fingerprint(
    files: Sequence[str],
    *options: str,
    schema: RecordSchema | None = None,
    names: Sequence[str] | None = None,
) -> str:
    """Return the fingerprint of the contents of files and of how they are read; see `content_digest`.

    Args:
        files: The files, in reading order.
        options: How they are read.
        schema: The schema to read by, if one is declared.
        names: What the files are called; None: their names without folders.

    Raises:
        UsageError: A file cannot be read.
    """
    return fingerprint(content_digest(files, names), *_schema_bytes(schema), *options)


def files_cache_key(files: Sequence[str], *options: str, schema: RecordSchema | None = None) -> str:
    """Return a digest that changes whenever files, or how they are read, may have changed; see `file_stamp`.

    Raises:
        UsageError: A file does not exist.
    """
    return fingerprint(*map(file_stamp, files), *_schema_bytes(schema), *options)


def folder_cache_key(root: str, names: Sequence[str]) -> str:
    """Return a digest that changes whenever one of many files of a folder may have changed; none is opened.

    Raises:
        UsageError: A file does not exist.
    """
    return fingerprint(os.path.abspath(root), stat_digest(root, names))  # noqa: PTH100


def rows_cache_key(source: Any, stages: Iterable[Any] = ()) -> str | None:
    """Return a digest that changes whenever the rows of a source and stages may have changed.

    Args:
        source: A source. Without a `cache_key`, its `fingerprint` must notice everything.
        stages: The stages applied to its rows.

    Returns:
        The digest, equal in every process of this machine; None if a change could go unnoticed.
    """
    stages = list(stages)
    if any(stage.unknown for stage in stages):
        return None
    has_key = hasattr(type(source), "cache_key")
    key: str | None = source.cache_key if has_key else getattr(source, "fingerprint", None)
    return None if key is None else fingerprint(key, *(stage.identity for stage in stages))


def source_fingerprint(source: Any) -> str:
    """Return the fingerprint of a source; of one without a fingerprint, a digest of its schema and name."""
    found = getattr(source, "fingerprint", None)
    if isinstance(found, str):
        return found
    return fingerprint(type(source).__qualname__, *_schema_bytes(source.schema))


def _schema_bytes(schema: RecordSchema | None) -> list[bytes]:
    if schema is None:
        return []
    parts: tuple[Any, ...] = (
        (schema,) if isinstance(schema, pa.Schema) else (schema.context, schema.feature_lists)
    )
    return [part.serialize().to_pybytes() for part in parts]
