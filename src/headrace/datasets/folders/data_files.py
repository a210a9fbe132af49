"""Files of rows, of one kind: Parquet, Arrow, CSV, JSON lines, tar archives of webdataset, or TFRecord."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from headrace.columns import is_file_struct
from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError

__all__ = ["KINDS", "find_kind", "open_files", "read_class_names"]

_COMPRESSED = r"(\.gz|\.bz2|\.zst)?"
KINDS: dict[str, tuple[re.Pattern[str], Callable[[list[str]], Dataset]]] = {
    "Parquet": (re.compile(r".*\.(parquet|pq)"), Dataset.from_parquet),
    "Arrow": (re.compile(r".*\.(arrow|arrows|feather)"), Dataset.from_arrow_ipc),
    "CSV": (re.compile(rf".*\.(csv|tsv){_COMPRESSED}"), Dataset.from_csv),
    "JSON lines": (re.compile(rf".*\.(jsonl|ndjson|json){_COMPRESSED}"), Dataset.from_json_lines),
    "webdataset": (re.compile(r".*\.(tar|tar\.gz|tgz|tar\.bz2|tar\.zst)"), Dataset.from_webdataset),
    "TFRecord": (re.compile(r".*\.tfrecords?(\.gz|\.zz|-\d{5,}-of-\d{5,})?"), Dataset.from_records),
}
_COMPANIONS = re.compile(r".*\.(schema|manifest)\.json|.*(^|/)(dataset_infos?|state|dataset_dict)\.json")
_MOST_NAMES = 1_000_000


def find_kind(file: str) -> str | None:
    """Return the kind of a file by its name; None for files that hold no rows.

    >>> find_kind("data/train.csv.gz"), find_kind("train.schema.json"), find_kind("README.md")
    ('CSV', None, None)
    """
    if _COMPANIONS.fullmatch(file):
        return None
    return next((kind for kind, (pattern, _) in KINDS.items() if pattern.fullmatch(file.lower())), None)


def open_files(kind: str, files: Sequence[str], path: str) -> Dataset:
    """Open files of one kind; images and audio in structs {bytes, path} become their bytes.

    Raises:
        UsageError: A file is missing.
        SchemaError: Files differ in their columns.
        RecordError: A file is damaged.
    """
    if kind == "CSV" and len({".tsv" in file.lower() for file in files}) > 1:
        raise UsageError("found .csv and .tsv files", path=path, hint="keep those of one kind")
    ds = KINDS[kind][1](list(files))
    if kind in ("Parquet", "Arrow") and any(is_file_struct(field.type) for field in ds.schema):
        return ds.map(FileBytes())
    return ds


@dataclass(frozen=True)
class FileBytes:
    """Replaces structs {bytes, path} by the bytes; a path alone is not followed."""

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Replace the structs of a batch.

        Raises:
            SchemaError: A row has a path and no bytes.
        """
        columns = {name: batch.column(name) for name in batch.schema.names}
        for name, column in columns.items():
            if is_file_struct(column.type):
                columns[name] = column.field("bytes").cast(pa.binary())
                if columns[name].null_count > column.null_count:
                    hint = "embed the files, as push_to_hub and save_to_disk do"
                    raise SchemaError("expected the bytes of files, got paths", feature=name, hint=hint)
        return pa.record_batch(columns)


def read_class_names(file: str) -> dict[str, tuple[str, ...]]:
    """Read the names of classes from the metadata that Hugging Face writes into Parquet and Arrow files."""
    metadata = _read_metadata(file)
    try:
        stored: Any = json.loads(metadata)["info"]["features"] if len(metadata) < _MOST_NAMES * 64 else {}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return find_class_names(stored)


def find_class_names(features: Any) -> dict[str, tuple[str, ...]]:
    """Return the names of classes in features as `datasets` writes them as JSON."""
    if not isinstance(features, Mapping):
        return {}
    return {
        str(name): tuple(str(value) for value in each["names"])
        for name, each in features.items()
        if isinstance(each, Mapping)
        and each.get("_type") == "ClassLabel"
        and isinstance(each.get("names"), list)
        and len(each["names"]) < _MOST_NAMES
    }


def _read_metadata(file: str) -> bytes:
    try:
        if file.endswith((".parquet", ".pq")):
            import pyarrow.parquet as pq

            schema = pq.read_schema(file)
        else:
            with pa.OSFile(file) as stream:
                is_file = stream.read(6) == b"ARROW1"
                stream.seek(0)
                schema = (pa.ipc.open_file if is_file else pa.ipc.open_stream)(stream).schema
    except (pa.ArrowException, OSError, ValueError):
        return b""  # what is wrong is said when the file is read
    return (schema.metadata or {}).get(b"huggingface", b"")
