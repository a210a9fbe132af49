"""Places in files of text that reading can start at again, without the text before them."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from os import SEEK_END
from typing import BinaryIO, NamedTuple, TypeVar

import pyarrow as pa

from headrace.data.plan.steps import Cursor, Step, Steps, unpack_count, unpack_cursor
from headrace.errors import UsageError
from headrace.file_errors import wrap_file_errors
from headrace.storage import local_path

__all__ = ["LinePlace", "can_seek", "count_rows", "cut_lines", "open_at", "stream_text", "unpack_text_cursor"]

_COMPRESSED = (".gz", ".tgz", ".bz2", ".zst")

_START = (0, 0, 0, 1, 0)  # the cursor of the start, see `stream_text`

Block = TypeVar("Block")


class LinePlace(NamedTuple):
    """The start of a line: the bytes before it, without a byte order mark, and its number, from 1."""

    offset: int = 0
    line: int = 1


def can_seek(file: str) -> bool:
    """Return whether a file is local and not compressed, so that reading can start at any line."""
    path = local_path(file)
    return path is not None and path.is_file() and not file.endswith(_COMPRESSED)


def open_at(file: str, offset: int) -> BinaryIO:
    """Open a local file of UTF-8 at the start of a line.

    Raises:
        UsageError: The file cannot be opened, or no line starts there.
    """
    path = local_path(file)
    assert path is not None
    with wrap_file_errors(file, "cannot be read", "check the path"):
        stream = path.open("rb")
    try:
        mark = len(BOM_UTF8) if stream.read(len(BOM_UTF8)) == BOM_UTF8 else 0
        size = stream.seek(0, SEEK_END) - mark
        stream.seek(mark + max(offset - 1, 0))
        # The last line may lack its line break, which was added and counts.
        if offset > size + 1 or (0 < offset < size and stream.read(1) not in (b"\n", b"\r")):
            hint = "pass what state_dict() returned for these files"
            raise UsageError(f"no line starts at byte {offset:,}", path=file, hint=hint)
        stream.seek(mark + offset)
    except BaseException:
        stream.close()
        raise
    return stream


def cut_lines(parts: Iterator[bytes], size: int, most: int) -> Iterator[bytes]:
    """Cut text into blocks of whole lines, each of as many as `size` bytes from its start hold.

    A longer line is a block, which may have the lines after it, too. Only the last block may lack a line
    break.

    Args:
        parts: The text, in parts of any size.
        size: The bytes of a block.
        most: The bytes of the longest line; the text ends with a block without a line break if one is longer.
    """
    held, text, target = 0, b"", size
    pending: list[bytes] = []
    while True:
        part: bytes | None = b""
        while held < target and (part := next(parts, None)) is not None:
            pending.append(part)
            held += len(part)
        text = b"".join(pending)
        end = text.rfind(b"\n", 0, target) + 1
        if end:
            yield text[:end]
            pending, held, target = [text[end:]], held - end, size
        elif held > most or (part is None and held <= target):
            if text:
                yield text
            return
        else:
            pending, target = [text], 2 * target


def count_rows(cursor: Cursor) -> int:
    """Return the rows before a cursor of `stream_text`, or of a stream of these files that counts rows."""
    return unpack_count(cursor) if isinstance(cursor, int) else unpack_text_cursor(cursor)[0]


def unpack_text_cursor(cursor: Cursor) -> tuple[int, int, LinePlace, int]:
    """Return the parts of a cursor of `stream_text`.

    Returns:
        The rows that were read, the number of a file, the place where a block of it starts, and the batches
        of that block that were read.
    """
    rows, file, offset, line, batches = unpack_cursor(cursor, *_START)
    return rows, file, LinePlace(offset, line), batches


def stream_text(
    files: Sequence[str],
    cursor: Cursor,
    read_blocks: Callable[[str, LinePlace], Iterator[tuple[Block, LinePlace]]],
    parse: Callable[[str, Block], Iterator[pa.RecordBatch]],
) -> Steps:
    """Read files of text from a cursor on; `unpack_text_cursor` describes cursors.

    Args:
        files: The files, in reading order.
        cursor: The cursor; None for the start.
        read_blocks: Reads blocks of lines of a file from a place on, each with the place of its end.
        parse: Converts a block of a file to batches.
    """
    rows, first, start, skipped = unpack_text_cursor(cursor)
    for number in range(first, len(files)):
        for block, end in read_blocks(files[number], start):
            held: pa.RecordBatch | None = None
            for count, batch in enumerate(parse(files[number], block)):
                if held is not None:
                    yield Step(held, [rows, number, *start, count])
                held = None
                if count >= skipped:
                    held, rows = batch, rows + batch.num_rows
            start, skipped = end, 0
            if held is not None:
                yield Step(held, [rows, number, *start, 0])
        start, skipped = LinePlace(), 0
