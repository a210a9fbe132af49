"""Read a CSV file in chunks of whole records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace._native import CsvFault, scan_csv
from headrace.data.sources.csv.decode import TextReader
from headrace.data.sources.csv.faults import NO_KINDS, create_fault
from headrace.data.sources.csv.layout import MAX_RECORD, CsvLayout, take_separator_line
from headrace.data.sources.files.text_places import LinePlace
from headrace.errors import SchemaError

__all__ = ["Chunk", "read_chunks"]

_CHUNK = 1 << 19  # bytes; a saved position is read on from the start of its chunk
_BYTES_PER_COLUMN = 1 << 8  # at least, so that wide files are read in chunks of several rows
_ALL = 1 << 62
_START = LinePlace()


@dataclass(frozen=True)
class Chunk:
    """Whole records of a file.

    Attributes:
        data: Their text, UTF-8.
        line: The number of the first line, from 1.
        records: The number of records.
        end: Where the records end, if the file is UTF-8.
    """

    data: bytes
    line: int
    records: int
    end: LinePlace


def read_chunks(
    path: str,
    layout: CsvLayout,
    *,
    allowed: NDArray[np.uint16] = NO_KINDS,
    seen: NDArray[np.uint16] = NO_KINDS,
    types: pa.Schema | None = None,
    start: LinePlace = _START,
) -> Iterator[Chunk]:
    """Yield the records of a file after its header, about 512 KiB at a time.

    Args:
        path: The file.
        layout: Its layout.
        allowed: For each column the kinds of cells that may occur; empty: any.
        seen: For each column the kinds of cells that occurred, which is updated; empty: not surveyed.
        types: The inferred types of columns, for messages.
        start: Where to start, in a local file of UTF-8 that is not compressed.

    Raises:
        UsageError: The file cannot be read.
        SchemaError: Bytes of another encoding, a malformed record, a record of more than 256 MiB, or a cell
            of a kind that is not allowed; it names the line and the column.
    """
    delimiter, columns = layout.dialect.delimiter_byte, len(layout.names)
    size = max(_CHUNK, columns * _BYTES_PER_COLUMN)
    offset, line = start
    skip_header = layout.dialect.header is True and not offset
    with TextReader(path, layout.dialect.encoding, offset) as reader:
        rest, is_first, is_ended, target = b"", not offset, False, size
        while not is_ended or rest:
            while len(rest) < target and not is_ended:
                more = reader.read(target - len(rest))
                is_ended = not more
                rest += more
            if is_first:
                separator, text = take_separator_line(rest)
                offset, rest = offset + len(rest) - len(text), text
                line, is_first = line + (separator is not None), False
            # The records of a chunk depend on the text from here on alone.
            text = rest[:target]
            is_last = is_ended and len(rest) <= target
            if skip_header:
                header = scan_csv(text, delimiter, 0, is_last, 1, NO_KINDS, NO_KINDS)
                rest, line, skip_header = rest[header.end :], line + header.lines, not header.records
                offset += header.end
                target = 2 * target if skip_header else size
                if skip_header and is_last:
                    return
                continue
            scan = scan_csv(text, delimiter, columns, is_last, _ALL, allowed, seen)
            if scan.fault != CsvFault.NONE:
                raise create_fault(
                    scan, text, path=path, line=line, delimiter=delimiter, names=layout.names, types=types
                )
            if not scan.end and len(text) > MAX_RECORD:
                raise SchemaError(
                    "a record is longer than 256 MiB",
                    path=path,
                    line=line,
                    hint="look for a quote that is not closed, or pass another delimiter=",
                )
            end = LinePlace(offset + scan.end, line + scan.lines)
            if scan.records:
                yield Chunk(text[: scan.end], line, scan.records, end)
            rest, (offset, line) = rest[scan.end :], end
            target = size if scan.end else 2 * target
            if is_last:
                return
