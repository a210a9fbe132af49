"""How CSV files are written: delimiter, header and encoding."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.arguments import check_names, show_value
from headrace.errors import UsageError

__all__ = ["CsvDialect"]

_NOT_OF_FILES = ("idna", "punycode", "undefined")  # encodings of names, and one that is an error
_TAB_NAMES = ("\\t", "tab")


@dataclass(frozen=True)
class CsvDialect:
    """How CSV files are written; what is None is found in the first file, see `find_layout`.

    Attributes:
        delimiter: The character between fields, ASCII.
        header: Whether the first line names the columns; their names if it does not.
        encoding: The name of a codec of Python.
    """

    delimiter: str | None = None
    header: bool | tuple[str, ...] | None = None
    encoding: str | None = None

    @classmethod
    def create(
        cls,
        delimiter: str | None = None,
        header: bool | Sequence[str] | None = None,
        encoding: str | None = None,
    ) -> CsvDialect:
        """Create a dialect from arguments of the user; `"tab"` is a delimiter, too.

        Raises:
            UsageError: Another delimiter than one ASCII character, or an unknown encoding.
        """
        return cls(_check_delimiter(delimiter), _check_header(header), _check_encoding(encoding))

    @property
    def identity(self) -> tuple[str, ...]:
        """Texts that differ between dialects; none for the default."""
        return () if self == CsvDialect() else (repr((self.delimiter, self.header, self.encoding)),)

    @property
    def delimiter_byte(self) -> int:
        """The delimiter as a byte; a comma if it is not known."""
        return ord(self.delimiter or ",")


def _check_delimiter(value: Any) -> str | None:
    if isinstance(value, str) and value in _TAB_NAMES:
        return "\t"
    is_valid = isinstance(value, str) and len(value) == 1 and value.isascii() and value not in '"\r\n\0'
    if value is not None and not is_valid:
        what = f"delimiter: expected one ASCII character, got {show_value(value)}"
        raise UsageError(
            what, hint="pass ',', ';', '|', 'tab' or another character that fields are divided by"
        )
    return value


def _check_header(value: Any) -> bool | tuple[str, ...] | None:
    if value is None or isinstance(value, bool | np.bool_):
        return None if value is None else bool(value)
    if isinstance(value, str) or not isinstance(value, Sequence):
        what = f"header: expected True, False or the names of the columns, got {show_value(value)}"
        raise UsageError(what, hint="pass header=False if the first line is a row")
    return check_names(value, "header")


def _check_encoding(value: Any) -> str | None:
    if value is None:
        return None
    try:
        codec = codecs.lookup(value)
    except (LookupError, TypeError, ValueError):
        codec = None
    if codec is None or codec.name in _NOT_OF_FILES or not codec._is_text_encoding:  # pyright: ignore[reportPrivateUsage] - base64 and zip are codecs
        what = f"encoding: expected an encoding of text, got {show_value(value)}"
        raise UsageError(what, hint='pass "utf-8", "latin-1", "cp1252", "utf-16" or another codec of Python')
    return codec.name
