"""Read files of JSON lines, or of JSON documents, in blocks of whole lines."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

import numpy as np

from headrace.data.json_values import DocumentLines, is_array
from headrace.data.sources.files.checked_text import open_text
from headrace.data.sources.files.text_places import LinePlace, cut_lines, open_at
from headrace.errors import SchemaError, UsageError
from headrace.storage import READ_ERRORS, match_file_kind

__all__ = ["JsonBlock", "is_document", "name_rows", "place_blocks", "read_blocks"]

_BLOCK = 1 << 19  # bytes parsed at a time
_MAX_LINE = 1 << 28  # bytes
_BOM = b"\xef\xbb\xbf"
_START = LinePlace()
_DOCUMENT = re.compile(r"\.json(\.(gz|bz2|zst))?$", re.IGNORECASE)  # names of files


class JsonBlock(NamedTuple):
    """Whole lines of a file, and the numbers of the first one and of the one after them."""

    text: bytes
    line: int
    next_line: int


def is_document(file: str) -> bool:
    """Return whether a file is a JSON document by its name; its objects are then its lines."""
    return _DOCUMENT.search(file) is not None


def place_blocks(file: str, start: LinePlace) -> Iterator[tuple[JsonBlock, LinePlace]]:
    """Read blocks, each with the place of its end."""
    offset = start.offset
    with name_rows():
        for block in read_blocks(file, start):
            offset += len(block.text)
            yield block, LinePlace(offset, block.next_line)


def read_blocks(file: str, start: LinePlace = _START) -> Iterator[JsonBlock]:
    """Read whole lines, about 512 KiB at a time.

    Where a block ends depends on the text after its start alone. The lines of a document are its objects.
    """
    line = start.line
    try:
        with open_at(file, start.offset) if start.offset else open_text(file) as stream:
            for text in cut_lines(_read_text(stream, file), _BLOCK, _MAX_LINE):
                if len(text) > _MAX_LINE and not text.endswith(b"\n"):
                    hint = "write one object per line"
                    raise SchemaError("a line is longer than 256 MiB", path=file, line=line, hint=hint)
                whole = text if text.endswith(b"\n") else text + b"\n"
                # bytes.count looks at one byte at a time
                lines = int(np.count_nonzero(np.frombuffer(whole, np.uint8) == ord("\n")))
                yield JsonBlock(whole, line, line := line + lines)
    except READ_ERRORS as error:
        raise UsageError(f"cannot read the file: {error}", path=file, hint="check the file") from error


@contextmanager
def name_rows() -> Generator[None]:
    """Name the row instead of the line in errors of documents, whose lines are not those of the file."""
    try:
        yield
    except SchemaError as error:
        if error.line is None or error.path is None or not is_document(error.path):
            raise
        raise SchemaError(
            error.what, path=error.path, record=error.line - 1, feature=error.feature, hint=error.hint
        ) from error


def _read_text(stream: BinaryIO, file: str) -> Iterator[bytes]:
    """Read the text of a file in blocks, that of a document as lines."""
    block = _check_encoding(stream.read(_BLOCK), file)
    lines = DocumentLines(file, array=is_array(block)) if is_document(file) else None
    while block:
        yield block if lines is None else lines.convert(block)
        block = stream.read(_BLOCK)
    if lines is not None:
        yield lines.finish()


def _check_encoding(start: bytes, file: str) -> bytes:
    """Return the first bytes of a file without a byte order mark of UTF-8."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SchemaError("expected UTF-8, got UTF-16", path=file, hint="save the file as UTF-8")
    start = start.removeprefix(_BOM)
    head = start[:512]
    kind = None if head.lstrip()[:1] in (b"{", b"[", b"") else match_file_kind(head)
    if kind is not None:
        raise SchemaError(f"expected JSON lines, got {kind.what}", path=file, hint=kind.hint)
    return start
