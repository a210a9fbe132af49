"""Sizes in bytes, as people write them."""

from __future__ import annotations

import re
from decimal import Decimal

from headrace.arguments import check_integer
from headrace.errors import UsageError

__all__ = ["format_byte_size", "parse_byte_size"]

_POWERS = {"K": 1, "M": 2, "G": 3, "T": 4}


def parse_byte_size(size: int | str) -> int:
    """Parse a number of bytes: "1.5 GB", "256MiB", "8M"; an integer is returned unchanged.

    K, M, G and T are powers of 1000, Ki, Mi, Gi and Ti powers of 1024; letter case does not count.

    Raises:
        UsageError: `size` is a text of another form, or not an integer of at least 0.

    Example:
        >>> parse_byte_size("256MB"), parse_byte_size("1.5 KiB")
        (256000000, 1536)
    """
    if not isinstance(size, str):
        return check_integer(size, "size in bytes")
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(?:([KMGT])(I?))?B?\s*", size.upper())
    if match is None:
        raise UsageError(f"expected a memory size, got '{size}'", hint="pass a number and a unit: '8 GB'")
    number, unit, binary = match.groups()
    scale = 1 if unit is None else (1024 if binary else 1000) ** _POWERS[unit]
    return int(Decimal(number) * scale)


def format_byte_size(size: int) -> str:
    """Format a number of bytes exactly, so that `parse_byte_size` returns it.

    Example:
        >>> format_byte_size(256_000_000), format_byte_size(1 << 20), format_byte_size(1_000_001)
        ('256MB', '1MiB', '1000001B')
    """
    for unit, power in reversed(_POWERS.items()):
        for prefix, base in ((unit, 1000), (f"{unit}i", 1024)):
            if size and size % base**power == 0:
                return f"{size // base**power}{prefix}B"
    return f"{size}B"
