"""Record files compressed as a whole: gzip (RFC 1952) or zlib (RFC 1950), told by their first bytes.

A gzip file may have several members, one after the other, as `cat a.gz b.gz` makes them; zero bytes between
and after them are padding. What comes out is bounded by the room given for it, whatever the input claims.
"""

from __future__ import annotations

import zlib
from typing import Any

from headrace.errors import UsageError
from headrace.storage.filesystem import ByteStream

__all__ = ["FAULTS", "SUFFIXES", "Decompressed", "check_name", "compressor"]

SUFFIXES: dict[str | None, str] = {None: "", "gzip": ".gz", "zlib": ".zz"}
FAULTS = (EOFError, zlib.error)
_WINDOW_BITS = {"gzip": 31, "zlib": 15}  # as zlib's inflateInit2 and deflateInit2 take them
_LEVEL = 6
_SMALLEST_STEP, _LARGEST_STEP = 1 << 12, 1 << 18  # bytes of input


def check_name(compression: str | None) -> None:
    """Refuses a name that is no compression.

    Raises:
        UsageError: It is none of None, "gzip" and "zlib".
    """
    if compression not in SUFFIXES:
        raise UsageError(f"compression {compression!r} is unknown", hint='use None, "gzip" or "zlib"')


def compressor(compression: str) -> Any:
    """A fresh zlib compressor; it stores no name and no time, so that equal data make equal files."""
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS[compression])


class Decompressed:
    """The bytes inside a compressed file, as a stream; what comes before damage is given first.

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
        """Puts the next bytes into `buffer`; how many, 0 only at the end.

        Raises:
            EOFError: The file ends too early.
            zlib.error: It is damaged.
            OSError: It cannot be read.
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
        """Closes the file."""
        self._file.close()

    def _start_member(self) -> None:
        self._member = zlib.decompressobj(self._bits)
        self._step = _SMALLEST_STEP  # what lies behind a member is copied, so short members need short steps

    def _next_member(self) -> bool:
        while self._refill():
            padding = bytes(self._input[:_SMALLEST_STEP])
            self._input = self._input[len(padding) - len(padding.lstrip(b"\0")) :]
            if self._input and self._input[0]:
                self._start_member()
                return True
        return False

    def _refill(self) -> bool:
        """Reads on if all input is used up; whether there is any."""
        if not self._input:
            room = memoryview(bytearray(_LARGEST_STEP))
            self._input = room[: self._file.readinto(room) or 0]
        return bool(self._input)

    def _inflate(self, room: int) -> bytes:
        """At most `room` bytes more, or none yet."""
        is_over = not self._refill()
        chunk = self._input[: 1 if self._is_damaged else self._step]
        before = None if self._is_damaged else self._member.copy()
        try:
            output = self._member.decompress(chunk, room)
        except zlib.error:
            if before is None:
                raise
            self._member, self._is_damaged = before, True  # again, byte by byte up to the one at fault
            return b""
        left = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        self._input = self._input[len(chunk) - len(left) :]
        self._step = min(4 * self._step, _LARGEST_STEP)
        if is_over and not output and not self._member.eof:
            raise EOFError("it ends too early")
        return output
