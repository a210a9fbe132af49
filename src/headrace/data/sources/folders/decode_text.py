"""Decode whole files as texts."""

from __future__ import annotations

import codecs
from contextlib import suppress

import pyarrow as pa

from headrace import arrow_compute as pc
from headrace.errors import SchemaError

__all__ = ["LAST_RESORTS", "decode_text", "needs_decoding"]

LAST_RESORTS = {"cp1252": "Windows-1252", "latin-1": "Latin-1"}

_MARKS = {  # the longer first
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_FORMATS = {
    b"%PDF-": "PDF", b"PK\x03\x04": "ZIP", b"\x89PNG": "PNG", b"GIF8": "GIF", b"\xff\xd8\xff": "JPEG",
    b"\xd0\xcf\x11\xe0": "Microsoft Office", b"{\\rtf": "RTF", b"\x1f\x8b": "gzip", b"\x7fELF": "ELF",
}  # fmt: skip
_REMOVE = "remove the file, or save it as UTF-8 text"


def needs_decoding(contents: pa.Array) -> bool:
    """Return whether one of several files, binary [n], is anything but UTF-8 without a byte order mark."""
    try:
        contents.cast(pa.string())
    except pa.ArrowInvalid:
        return True
    starts = [codecs.BOM_UTF8, *_FORMATS]
    marks = [
        pc.call_function(
            "starts_with",
            [
                contents,
            ],
            pc.MatchSubstringOptions(each),
        )
        for each in starts
    ]
    nul = pc.call_function("match_substring", [contents], pc.MatchSubstringOptions(b"\0"))
    return any(pc.call_function("any", [each]).as_py() for each in (*marks, nul))


def decode_text(data: bytes, path: str) -> tuple[str, str]:
    """Decode a text: by its byte order mark, as UTF-8, as UTF-16 without a mark, or by a last resort.

    That is Windows-1252 where a text holds its quotes and dashes, which Latin-1 takes for control characters,
    and else Latin-1. Both map nearly every byte to a character, so that neither is tried where the text holds
    letters in UTF-8: there, a single damaged byte would garble all of them.

    Args:
        data: The content of a file.
        path: Its path, for messages.

    Returns:
        The text, and its encoding.

    Raises:
        SchemaError: It is not a text, or a damaged one; it names the first bad byte.
    """
    format_ = next((name for start, name in _FORMATS.items() if data.startswith(start)), None)
    if format_ is not None:
        raise SchemaError(f"expected a text, got a {format_} file", path=path, hint=_REMOVE)
    mark = next((mark for mark in _MARKS if data.startswith(mark)), b"")
    encoding = _MARKS.get(mark) or _find_wide_encoding(data) or "utf-8"
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8" and not mark and b"\0" not in data and not _holds_utf8(data):
            return _decode_bytes(data)
        what = f"not a valid text in {encoding.upper()}: {error.reason} at byte {error.start + len(mark):,}"
        raise SchemaError(what, path=path, hint=_REMOVE) from error
    if "\0" in text:
        what = f"expected a text, got a zero byte at byte {data.index(bytes(1)):,}"
        raise SchemaError(what, path=path, hint=_REMOVE)
    return text, encoding


def _decode_bytes(data: bytes) -> tuple[str, str]:
    """Decode a text of one byte per character; returns its encoding, too."""
    if any(0x80 <= byte < 0xA0 for byte in data):
        with suppress(UnicodeDecodeError):  # five bytes are not characters of Windows-1252
            return data.decode("cp1252"), "cp1252"
    return data.decode("latin-1"), "latin-1"


def _find_wide_encoding(data: bytes) -> str | None:
    """Find UTF-16 without a mark: of most units, the high byte is zero."""
    units = len(data) // 2
    if len(data) % 2 or not units or b"\0" not in data:
        return None
    even, odd = data[::2].count(0), data[1::2].count(0)
    if 2 * odd > units and not even:
        return "utf-16-le"
    return "utf-16-be" if 2 * even > units and not odd else None


def _holds_utf8(data: bytes) -> bool:
    """Return whether bytes that are not UTF-8 hold at least one letter in UTF-8 that is not ASCII."""
    return not data.decode("utf-8", "ignore").isascii()
