"""CRC-32C of a stream of bytes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from headrace import _native

__all__ = ["Checksum", "file_checksum"]

_POLYNOMIAL = 0x82F63B78  # Castagnoli, bits reversed
_ONE = 1 << 31  # the polynomial 1, bits reversed
_BLOCK = 1 << 20


def _multiply(a: int, b: int) -> int:
    """The product of two polynomials over GF(2), modulo the CRC's."""
    product, bit = 0, _ONE
    while a:
        if a & bit:
            product ^= b
            a ^= bit
        bit >>= 1
        b = b >> 1 ^ _POLYNOMIAL if b & 1 else b >> 1
    return product


@lru_cache(maxsize=256)
def _shift(length: int) -> int:
    """X to the power of 8 * `length`: what `length` zero bytes multiply a checksum by."""
    power, square = _ONE, 1 << 23  # x^8
    while length:
        if length & 1:
            power = _multiply(square, power)
        square = _multiply(square, square)
        length >>= 1
    return power


class Checksum:
    """A CRC-32C that grows with each piece of data.

    >>> crc = Checksum()
    >>> crc.update(b"1234")
    >>> crc.update(b"56789")
    >>> f"{crc.value:08x}", crc.length
    ('e3069283', 9)
    """

    def __init__(self) -> None:
        self.value = 0
        self.length = 0

    def update(self, data: Any) -> None:
        """Append bytes, or an array of them."""
        view = memoryview(data)
        if not view.nbytes:
            return
        crc = _native.crc32c(np.frombuffer(view, np.uint8))
        self.value = _multiply(_shift(view.nbytes), self.value) ^ crc if self.length else crc
        self.length += view.nbytes


def file_checksum(path: str) -> Checksum:
    """Compute the CRC-32C of a local file's bytes.

    Raises:
        OSError: The file cannot be read.
    """
    crc = Checksum()
    block = memoryview(bytearray(_BLOCK))
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - any path-like
        while count := file.readinto(block):
            crc.update(block[:count])
    return crc
