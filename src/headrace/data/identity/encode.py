"""Constants as bytes that are equal in every process, and different for different constants."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from typing import Any

__all__ = ["CONSTANTS", "Encoder", "digest"]

_DIGEST_BYTES = 16


def digest(*pieces: Any) -> bytes:
    """Compute the digest of concatenated bytes, 16 bytes."""
    found = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for piece in pieces:
        found.update(piece)
    return found.digest()


def _float(value: float) -> bytes:
    return struct.pack("<d", value)


def _complex(value: complex) -> bytes:
    return struct.pack("<dd", value.real, value.imag)


def _str(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _nothing(_value: Any) -> bytes:
    return b""


def _number(value: int) -> bytes:
    return b"%x" % value


CONSTANTS: dict[type, tuple[bytes, Callable[[Any], bytes]]] = {
    str: (b"s", _str),
    int: (b"i", _number),
    float: (b"f", _float),
    bool: (b"t", _number),
    bytes: (b"b", bytes),
    complex: (b"c", _complex),
    type(None): (b"n", _nothing),
    type(...): (b"e", _nothing),
    type(NotImplemented): (b"x", _nothing),
}


class Encoder:
    """Appends constants to bytes, each with its type and length.

    >>> one, other = Encoder(), Encoder()
    >>> one.put(("a", 1)), other.put(("a1",))
    (None, None)
    >>> one.content == other.content
    False
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    @property
    def content(self) -> bytes:
        """What was appended."""
        return b"".join(self._pieces)

    def put(self, value: Any) -> None:
        """Append a constant, or a tuple, frozenset or slice of constants.

        Raises:
            TypeError: The value is of another type.
        """
        kind = type(value)
        if kind in CONSTANTS:
            tag, encode = CONSTANTS[kind]
            self.put_bytes(tag, encode(value))
        elif kind is tuple:
            self.put_bytes(b"(", b"%x" % len(value))
            for each in value:
                self.put(each)
        elif kind is frozenset:
            self.put_bytes(b"{", b"".join(sorted(_encode_element(each) for each in value)))
        elif kind is slice:
            self.put_bytes(b"l", b"")
            self.put((value.start, value.stop, value.step))
        else:
            raise TypeError(f"a {kind.__qualname__} is not a constant")

    def put_bytes(self, tag: bytes, data: bytes) -> None:
        """Append bytes with a tag of one letter."""
        self._pieces.append(b"%b%x:%b" % (tag, len(data), data))

    def put_digest(self, kind: str, *pieces: Any) -> None:
        """Append the digest of bytes of some kind."""
        self.put_bytes(b"d", _str(kind) + b" " + digest(*pieces))


def _encode_element(value: Any) -> bytes:
    encoder = Encoder()
    encoder.put(value)
    return digest(encoder.content)
