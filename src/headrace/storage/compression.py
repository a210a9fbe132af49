"""Whole-file compression: gzip (RFC 1952) and zlib (RFC 1950).

A gzip file may consist of several members, as `cat a.gz b.gz` makes them; zero bytes between and after
members are padding. Output is bounded by the caller's buffer, whatever the input claims.
"""

from __future__ import annotations

import zlib
from typing import Any

from headrace.errors import UsageError
from headrace.storage.input_files import ByteStream

__all__ = [
    "COMPRESSION_SUFFIXES",
    "DECOMPRESSION_ERRORS",
    "DecompressedStream",
    "check_compression",
    "new_compressor",
]

COMPRESSION_SUFFIXES: dict[str | None, str] = {None: "", "gzip": ".gz", "zlib": ".zz"}
DECOMPRESSION_ERRORS = (EOFError, zlib.error)
_WINDOW_BITS = {"gzip": 31, "zlib": 15}  # as zlib's inflateInit2 and deflateInit2 expect them
_LEVEL = 6
_SMALLEST_STEP, _LARGEST_STEP = 1 << 12, 1 << 18  # bytes of input


def check_compression(compression: str | None) -> None:
    """Check the name of a compression.

    Raises:
        UsageError: It is not None, "gzip" or "zlib".
    """
    if compression not in list(COMPRESSION_SUFFIXES):  # which has no need of a hash
        raise UsageError(f"unknown compression {compression!r}", hint='use None, "gzip" or "zlib"')


def new_compressor(compression: str) -> Any:
    """Create a zlib compressor. It stores neither name nor time: equal data give equal files."""
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS[compression])


class DecompressedStream:
    """The decompressed bytes of a file, as a stream; bytes before the damage of a corrupt file are readable.

    Args:
        file: The compressed file, `head` already read.
        kind: "gzip" or "zlib".
        head: Its first bytes.
    """

    def __init__(self, file: ByteStream, kind: str, head: bytes) -> None:
        self._file = file
        self._bits = _WINDOW_BITS[kind]
        self._input = memoryview(head)
        self._is_damaged = False
        self._start_member()

    def readinto(self, buffer: memoryview, /) -> int:
        """Read the next bytes into `buffer` and return their number, 0 only at the end.

        Raises:
            EOFError: The file is truncated.
            zlib.error: The file is corrupt.
            OSError: The file cannot be read.
        """
        while buffer:
            if self._member.eof and not self._next_member():
                break
            output = self._inflate(len(buffer))
            if output:
                buffer[: len(output)] = output
                return len(output)
        return 0

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _start_member(self) -> None:
        self._member = zlib.decompressobj(self._bits)
        self._step = _SMALLEST_STEP  # bytes behind a member are copied, so short members need short steps

    def _next_member(self) -> bool:
        while self._refill():
            padding = bytes(self._input[:_SMALLEST_STEP])
            self._input = self._input[len(padding) - len(padding.lstrip(b"\0")) :]
            if self._input and self._input[0]:
                self._start_member()
                return True
        return False

    def _refill(self) -> bool:
        """Read more input if all is consumed; return whether any is left."""
        if not self._input:
            room = memoryview(bytearray(_LARGEST_STEP))
            self._input = room[: self._file.readinto(room) or 0]
        return bool(self._input)

    def _inflate(self, room: int) -> bytes:
        """Decompress at most `room` bytes; may return none before the end."""
        is_over = not self._refill()
        chunk = self._input[: 1 if self._is_damaged else self._step]
        before = None if self._is_damaged else self._member.copy()
        try:
            output = self._member.decompress(chunk, room)
        except zlib.error:
            if before is None:
                raise
            self._member, self._is_damaged = before, True  # retry byte by byte up to the corrupt one
            return b""
        left = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        self._input = self._input[len(chunk) - len(left) :]
        self._step = min(4 * self._step, _LARGEST_STEP)
        if is_over and not output and not self._member.eof:
            raise EOFError("the compressed data are truncated")
        return output
