"""Read a file of text of any encoding as UTF-8."""

from __future__ import annotations

import codecs
from types import TracebackType

from headrace.data.sources.files.checked_text import open_text
from headrace.data.sources.files.text_places import open_at
from headrace.errors import SchemaError, UsageError
from headrace.storage import READ_ERRORS

__all__ = ["TextReader"]

_MARKS = (  # the longest first: UTF-32's starts with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 1 << 12  # bytes to find an encoding by


class TextReader:
    """Reads a file, decompressed, as UTF-8 without a byte order mark.

    The encoding is that of the byte order mark, if there is one. Without one, text whose every other byte is
    zero is UTF-16, and any other text UTF-8, which the caller checks.

    Args:
        path: The file.
        encoding: The encoding; None finds it.
        start: Where to start in a local file of UTF-8 that is not compressed; see `LinePlace`.

    Raises:
        UsageError: The file cannot be opened or read, no line starts at `start`, or its byte order mark is
            that of another encoding.

    Attributes:
        encoding: The encoding of the file.
        head: Its first bytes, not decoded.
    """

    def __init__(self, path: str, encoding: str | None, start: int = 0) -> None:
        self._path = path
        self._lines = 0
        self._file = open_text(path)
        try:
            self.head = head = self._read_bytes(_SAMPLE)
            mark, found = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", None))
            if encoding is None:
                self.encoding = found or _guess_encoding(head)
            else:
                self.encoding = _check_mark(encoding, found, path) or _find_order(encoding, head, path)
            self._start = head[len(mark) :]
            if start:
                self._file.close()
                self._file, self._start = open_at(path, start), b""
        except BaseException:
            self._file.close()
            raise
        is_utf8 = self.encoding == "utf-8"
        self._decoder = None if is_utf8 else codecs.getincrementaldecoder(self.encoding)("strict")

    def read(self, size: int) -> bytes:
        """Read about `size` bytes, fewer at the end; nothing after it.

        Raises:
            UsageError: The file is truncated, corrupt, or cannot be read.
            SchemaError: Bytes that are invalid in the encoding.
        """
        start, self._start = self._start, b""
        data = start + self._read_bytes(size - len(start)) if len(start) < size else start
        if self._decoder is None:
            return data
        text = self._decode(data, final=not data)
        while data and not text:  # the bytes of one character
            data = self._read_bytes(size)
            text = self._decode(data, final=not data)
        self._lines += text.count("\n")
        return text.encode("utf-8", "surrogatepass")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> TextReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read_bytes(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except READ_ERRORS as error:
            raise UsageError(
                f"cannot read the file ({' '.join(str(error).split())})",
                path=self._path,
                hint="check the file and its compression",
            ) from error

    def _decode(self, data: bytes, *, final: bool) -> str:
        assert self._decoder is not None
        try:
            return self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(self.encoding, "ignore").count("\n")
            raise SchemaError(
                f"expected {self.encoding}, got bytes that it does not define ({error.reason})",
                path=self._path,
                line=self._lines + before + 1,
                hint="pass the encoding that the file was written in",
            ) from error


def _check_mark(encoding: str, found: str | None, path: str) -> str | None:
    """Return the encoding that the user passed, which must be that of the byte order mark, if any.

    None if the order of its bytes is not known.
    """
    family = encoding.replace("-sig", "").replace("_", "-")
    if found is not None and not found.startswith(family):
        what = f"expected {encoding}, got a byte order mark of {found}"
        raise UsageError(what, path=path, hint=f'omit the encoding, or pass encoding="{found}"')
    return found or (None if family in ("utf-16", "utf-32") else family)


def _find_order(encoding: str, start: bytes, path: str) -> str:
    """Return UTF-16 or UTF-32 with the order of its bytes, which no byte order mark says."""
    guess = _guess_encoding(start)
    if encoding == "utf-16" and guess != "utf-8":
        return guess
    what = f"expected a byte order mark of {encoding}, got {start[:4].hex(' ') or 'an empty file'}"
    raise UsageError(what, path=path, hint=f'pass encoding="{encoding}-le" or "{encoding}-be"')


def _guess_encoding(start: bytes) -> str:
    """Return UTF-16 if every other byte of most characters is zero, as of ASCII; else UTF-8."""
    pairs = len(start) // 2
    first, second = start[0 : 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if 2 * second > pairs and not first:
        return "utf-16-le"
    return "utf-16-be" if 2 * first > pairs and not second else "utf-8"
