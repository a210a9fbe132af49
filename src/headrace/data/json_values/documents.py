"""Turn a JSON document, an array of objects or objects over several lines, into lines of one object each."""

from __future__ import annotations

import numpy as np

from headrace.errors import SchemaError

__all__ = ["DocumentLines", "is_array"]

_SPACE = ord(" ")
_HINT = "write [{...}, {...}], or one object per line"


def is_array(start: bytes) -> bool:
    """Whether a file that starts with these bytes is one JSON array."""
    return start.lstrip(b" \t\r\n").startswith(b"[")


class DocumentLines:
    r"""Turns the text of a document into lines, block by block.

    Line breaks inside objects become spaces; the commas between the objects of an array become line breaks.
    Everything else is unchanged, so that the parser of lines checks it.

    >>> lines = DocumentLines("rows.json", array=True)
    >>> lines.convert(b'[{"a":\n 1},') + lines.convert(b' {"a": 2}]') + lines.finish()
    b' {"a":  1}\n {"a": 2} \n'

    Args:
        path: The file, for messages.
        array: Whether the document is an array; otherwise it is objects, one after another.
    """

    def __init__(self, path: str, *, array: bool) -> None:
        self._path = path
        self._outer = int(array)
        self._depth = 0
        self._in_string = False
        self._is_escaped = False  # whether a backslash precedes
        self._is_closed = False
        self._rows = 0  # that a comma ends
        self._content = 0  # bytes of the row that has not ended

    def convert(self, block: bytes) -> bytes:
        """Convert the next block of the text.

        Raises:
            SchemaError: Text after the end of the array.
        """
        if not block:
            return b""
        data = np.frombuffer(block, np.uint8).copy()
        outside = self._find_outside(data)
        steps = np.zeros(len(data), np.int64)
        steps[outside & ((data == ord("{")) | (data == ord("[")))] = 1
        steps[outside & ((data == ord("}")) | (data == ord("]")))] = -1
        depth = self._depth + np.cumsum(steps)
        self._depth = int(depth[-1])
        level = self._outer
        breaks = outside & ((data == ord("\n")) | (data == ord("\r")))
        data[breaks & (depth > 0) if not level else breaks] = _SPACE
        if level:
            self._check_end(block, depth, steps)
            commas = outside & (data == ord(",")) & (depth == level)
            self._check_rows(np.flatnonzero(commas), depth > 1)
            outer = (steps == 1) & (depth == level) | (steps == -1) & (depth == level - 1)
            data[outer] = _SPACE
            data[commas] = ord("\n")
        return data.tobytes()

    def finish(self) -> bytes:
        """End the last line.

        Raises:
            SchemaError: The document ends too early.
        """
        if self._rows and not self._content:
            raise SchemaError("expected an object after the last comma", path=self._path, hint=_HINT)
        if self._depth or self._in_string:
            what = "the file is cut: it ends inside " + (
                "a string" if self._in_string else "an object or list"
            )
            raise SchemaError(what, path=self._path, hint="write the file again")
        return b"\n"

    def _find_outside(self, data: np.ndarray) -> np.ndarray:
        """Return which bytes lie outside strings; quotes themselves do not count."""
        quotes = data == ord('"')
        backslashes = data == ord("\\")
        if backslashes.any() or self._is_escaped:
            quotes &= ~self._find_escaped(backslashes)
        inside = (np.cumsum(quotes) + self._in_string) % 2 == 1
        self._in_string = bool(inside[-1])
        return ~inside

    def _find_escaped(self, backslashes: np.ndarray) -> np.ndarray:
        """Return which bytes follow an odd number of backslashes."""
        places = np.arange(len(backslashes))
        last_other = np.maximum.accumulate(np.where(backslashes, -1, places))
        runs = np.where(backslashes, places - last_other, 0)  # the backslashes up to each place
        if self._is_escaped:
            runs[last_other < 0] += 1
        escaped = np.concatenate([[self._is_escaped], runs[:-1] % 2 == 1])
        self._is_escaped = bool(runs[-1] % 2)
        return escaped

    def _check_rows(self, commas: np.ndarray, inner: np.ndarray) -> None:
        """Check that something lies before each comma between rows."""
        content = np.cumsum(inner)
        before = np.diff(np.concatenate([[-self._content], content[commas]]))
        if (before == 0).any():
            row = self._rows + int(np.argmin(before))
            what = "expected an object before a comma"
            raise SchemaError(what, path=self._path, record=row, hint=_HINT)
        self._rows += len(commas)
        self._content = int(content[-1] - content[commas[-1]] if len(commas) else self._content + content[-1])

    def _check_end(self, block: bytes, depth: np.ndarray, steps: np.ndarray) -> None:
        ends = np.flatnonzero((depth <= 0) & (steps == -1))
        if self._is_closed or len(ends):
            rest = block if self._is_closed else block[int(ends[0]) + 1 :]
            self._is_closed = True
            if rest.strip():
                what = f"expected the end of the file after the array, got {rest.strip()[:20]!r}"
                raise SchemaError(what, path=self._path, hint=_HINT)
