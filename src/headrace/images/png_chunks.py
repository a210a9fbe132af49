"""The chunks of a PNG file: those that the pixels depend on, and its EXIF data.

Source: https://www.w3.org/TR/png-3/, section 5.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["drop_notes", "find_exif_in_png"]

_SIGNATURE, _AROUND = 8, 12  # bytes; length, kind and checksum of a chunk
_IS_NOTE = 0x20  # of the first letter of a kind: lower case, which decoders may ignore


def _list_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """List kind, start and end of each whole chunk, to the last one of the image."""
    start, kind = _SIGNATURE, b""
    while kind != b"IEND":
        end = start + _AROUND + int.from_bytes(data[start : start + 4], "big")
        if end > len(data) or start + _AROUND > len(data):
            return
        kind = data[start + 4 : start + 8]
        yield kind, start, end
        start = end


def find_exif_in_png(data: bytes) -> bytes | None:
    """Return the EXIF data of a PNG file, before or after the pixels, or None."""
    return next(
        (data[start + 8 : end - 4] for kind, start, end in _list_chunks(data) if kind == b"eXIf"), None
    )


def drop_notes(data: bytes) -> bytes:
    """Return a PNG file without the chunks that its pixels do not depend on, such as texts and profiles.

    Pillow refuses files for a damaged or large note, although their pixels are whole.
    """
    kept, place = [data[:_SIGNATURE]], _SIGNATURE
    for kind, start, end in _list_chunks(data):
        if not kind[0] & _IS_NOTE or kind == b"tRNS":
            kept.append(data[start:end])
        place = end
    return b"".join([*kept, data[place:]])
