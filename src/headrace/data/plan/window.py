"""How many rows a shuffle mixes at a time."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.arguments import check_integer
from headrace.byte_sizes import format_byte_size, parse_byte_size
from headrace.errors import UsageError

__all__ = ["Window"]

_ROWS = 65_536
_BYTES = 256_000_000


@dataclass(frozen=True)
class Window:
    """As many rows as fit into both limits, but at least one.

    Attributes:
        rows: The limit in rows; None for no limit.
        bytes: The limit in bytes; None for no limit.
    """

    rows: int | None = _ROWS
    bytes: int | None = _BYTES

    @classmethod
    def parse(cls, window: int | str | None) -> Window:
        """Create a window from a number of rows, or a size in bytes such as "256MB"; None is the default.

        Raises:
            UsageError: The number is below 1, or a text is not a size.
        """
        if window is None:
            return cls()
        if not isinstance(window, str):
            return cls(check_integer(window, "window", 1), None)
        limit = parse_byte_size(window)
        if limit < 1:
            raise UsageError(f"window is {window}", hint="pass 1 or more")
        return cls(None, limit)

    def count_rows(self, row_bytes: float) -> int:
        """Return the number of rows of `row_bytes` bytes that fit; without a limit, 2**62."""
        by_bytes = 1 << 62 if self.bytes is None else int(self.bytes / max(row_bytes, 1.0))
        by_rows = 1 << 62 if self.rows is None else self.rows
        return max(1, min(by_rows, by_bytes))

    def fits(self, rows: int, size: int) -> bool:
        """Return whether `rows` rows of `size` bytes together fit; a single row always does."""
        if rows <= 1:
            return True
        return (self.rows is None or rows <= self.rows) and (self.bytes is None or size <= self.bytes)

    def __str__(self) -> str:
        if self.rows == _ROWS and self.bytes == _BYTES:
            return ""
        return f"window={self.rows}" if self.bytes is None else f"window='{format_byte_size(self.bytes)}'"
