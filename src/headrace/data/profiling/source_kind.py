"""What a source reads, why that may be slow, and what helps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from headrace.data.pipeline import Source

__all__ = ["Cause", "SourceKind", "describe_source", "find_source_kind"]

Cause = Literal[
    "model",
    "storage",
    "compression",
    "text",
    "generator",
    "files",
    "reading",
    "waiting",
    "python",
    "small batches",
    "native",
    "shuffle",
    "copying",
    "tensors",
    "nothing",
]

_COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\x78\x01", b"\x78\x9c", b"\x78\xda")
_RECORDS = "write it once: hr.records.write(...) or ds.write(...), and read that"


@dataclass(frozen=True)
class SourceKind:
    """What a source reads.

    Attributes:
        cause: Why it is slow, if it is.
        reason: The cause in words.
        change: What helps.
        is_file: Whether it reads files.
    """

    cause: Cause
    reason: str
    change: str
    is_file: bool = True


_KINDS = {
    "CsvSource": SourceKind("text", ": text is parsed anew in each epoch", _RECORDS),
    "JsonLinesSource": SourceKind("text", ": text is parsed anew in each epoch", _RECORDS),
    "GeneratorSource": SourceKind(
        "generator",
        ": Python yields and converts row by row",
        "yield record batches instead of rows, or write it once: hr.records.write(...)",
        is_file=False,
    ),
    "ImageSource": SourceKind("files", ": it opens a file for each row", _RECORDS),
    "TextSource": SourceKind("files", ": it opens a file for each row", _RECORDS),
    "ArrowSource": SourceKind("reading", ", out of memory", "", is_file=False),
    "HuggingFaceSource": SourceKind("reading", "", _RECORDS, is_file=False),
}
_READING = SourceKind("reading", "", "select() the columns that the model reads, or cache()")


def find_source_kind(source: Source) -> SourceKind:
    """Find what a source reads, from its type and the first bytes of its first file."""
    files: Any = getattr(source, "files", ())
    if files and _is_compressed(str(files[0])):
        is_text = type(source).__name__ in ("CsvSource", "JsonLinesSource")
        change = "write uncompressed files, or more shards" if not is_text else _RECORDS
        return SourceKind("compression", ": a stream is decompressed on one thread", change)
    return _KINDS.get(type(source).__name__, _READING)


def describe_source(source: Source) -> str:
    """Describe a source in a few words, with its first file."""
    name = type(source).__name__.removeprefix("_")
    files: Any = getattr(source, "files", ())
    path = str(files[0]) if files else str(getattr(source, "path", ""))
    if not path:
        return name
    more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
    return f"{name}: {Path(path).name}{more}"


def _is_compressed(path: str) -> bool:
    if path.endswith((".gz", ".zz", ".bz2", ".zst", ".xz")):
        return True
    try:
        with Path(path).open("rb") as file:
            return file.read(4).startswith(_COMPRESSED[:3])
    except OSError:
        return False
