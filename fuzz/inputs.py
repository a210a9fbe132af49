"""The layout of the fuzz targets' inputs (input.hpp, schema.hpp), composed and taken apart.

schema    a byte: how many features; for each three bytes: name, form, size
form      bits 0-1 kind - 1, 2-3 layout, 4 required, 5 UTF-8, 6 integers from 0 to 127 only
records   for each two bytes of length, little-endian, then the record
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["NAMES", "Feature", "Input", "records", "schema"]

NAMES = [
    *("float", "int", "text", "floats", "ints", "texts", "pair"),
    *("sometimes", "image", "label", "i", "f", "b", "c", ""),
]
RAW, BYTES = 3, 1

# (name, kind, layout, size, required, utf8, lowest, highest), as the kernels take it
Feature = tuple[str, int, int, int, bool, bool, int, int]


def schema(features: Iterable[tuple[str, int, int, int]]) -> bytes:
    """Of name, kind, layout and size; nothing is required."""
    rows = [bytes([NAMES.index(name), kind - 1 | layout << 2, size]) for name, kind, layout, size in features]
    return bytes([len(rows)]) + b"".join(rows)


def records(messages: Iterable[bytes]) -> bytes:
    """Messages below 64 KiB."""
    return b"".join(len(message).to_bytes(2, "little") + message for message in messages)


class Input:
    """An input being taken apart, as input.hpp does it."""

    def __init__(self, data: bytes) -> None:
        self._left = data

    def byte(self) -> int:
        """0 when nothing is left."""
        return self.bytes(1)[0] if self._left else 0

    def bytes(self, most: int) -> bytes:
        """What is left, up to that many."""
        taken, self._left = self._left[:most], self._left[most:]
        return taken

    def feature(self) -> Feature:
        """One of a schema."""
        name, form, size = NAMES[self.byte() % len(NAMES)], self.byte(), self.byte() & 15
        layout = form >> 2 & 3
        kind = BYTES if layout == RAW else 1 + (form & 3) % 3
        lowest, highest = (0, 127) if form >> 6 & 1 else (-(2**63), 2**63 - 1)
        return name, kind, layout, size, bool(form >> 4 & 1), bool(form >> 5 & 1), lowest, highest

    def schema(self) -> list[Feature]:
        """All features."""
        return [self.feature() for _ in range(self.byte() % 9)]

    def records(self) -> list[bytes]:
        """All records; the last may be cut off."""
        found: list[bytes] = []
        while self._left:
            length = self.byte()
            found.append(self.bytes(length | self.byte() << 8))
        return found
