"""Encode and decode the inputs of the fuzz targets (input.hpp, schema.hpp).

schema    a byte: number of features; three bytes per feature: name, form, size
form      bits 0-1 kind - 1, 2-3 layout, 4 required, 5 UTF-8, 6 integers from 0 to 127 only
records   per record two bytes of length, little-endian, then the record
"""

from __future__ import annotations

from collections.abc import Iterable

from headrace._native import Layout, ValueKind

__all__ = ["NAMES", "Feature", "Input", "records", "schema"]

NAMES = [
    *("float", "int", "text", "floats", "ints", "texts", "pair"),
    *("sometimes", "image", "label", "i", "f", "b", "c", ""),
]

# (name, kind, layout, size, required, utf8, lowest, highest), as the kernels expect it
Feature = tuple[str, int, int, int, bool, bool, int, int]


def schema(features: Iterable[tuple[str, int, int, int]]) -> bytes:
    """Encode optional features given as (name, kind, layout, size)."""
    rows = [bytes([NAMES.index(name), kind - 1 | layout << 2, size]) for name, kind, layout, size in features]
    return bytes([len(rows)]) + b"".join(rows)


def records(messages: Iterable[bytes]) -> bytes:
    """Encode messages, each below 64 KiB."""
    return b"".join(len(message).to_bytes(2, "little") + message for message in messages)


class Input:
    """Decodes an input as input.hpp does."""

    def __init__(self, data: bytes) -> None:
        self._left = data

    def byte(self) -> int:
        """Read a byte; 0 if none is left."""
        return self.bytes(1)[0] if self._left else 0

    def bytes(self, limit: int) -> bytes:
        """Read all that is left, at most `limit` bytes."""
        read, self._left = self._left[:limit], self._left[limit:]
        return read

    def feature(self) -> Feature:
        """Read one feature of a schema."""
        name, form, size = NAMES[self.byte() % len(NAMES)], self.byte(), self.byte() & 15
        layout = form >> 2 & 3
        kind = ValueKind.BYTES if layout == Layout.RAW else 1 + (form & 3) % 3
        lowest, highest = (0, 127) if form >> 6 & 1 else (-(2**63), 2**63 - 1)
        return name, kind, layout, size, bool(form >> 4 & 1), bool(form >> 5 & 1), lowest, highest

    def schema(self) -> list[Feature]:
        """Read a schema."""
        return [self.feature() for _ in range(self.byte() % 9)]

    def records(self) -> list[bytes]:
        """Read all records; the last may be truncated."""
        found: list[bytes] = []
        while self._left:
            length = self.byte()
            found.append(self.bytes(length | self.byte() << 8))
        return found
