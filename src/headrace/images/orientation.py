"""The orientation that cameras note in EXIF, which says how the stored pixels are to be turned.

Phones store the sensor's pixels and the orientation beside them; browsers and viewers turn the picture, and a
model must see what they show.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["find_exif_in_jpeg", "is_transposed", "read_orientation", "turn"]

_ORIENTATION, _SHORT = 0x0112, 3
_MOST_ENTRIES = 512  # of a directory
_TURNS: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.transpose(1, 0, 2),
    6: lambda pixels: pixels[::-1].transpose(1, 0, 2),
    7: lambda pixels: pixels[::-1, ::-1].transpose(1, 0, 2),
    8: lambda pixels: pixels[:, ::-1].transpose(1, 0, 2),
}
_APP1, _START_OF_SCAN, _END = 0xE1, 0xDA, 0xD9
_EXIF = b"Exif\0\0"


def find_exif_in_jpeg(data: bytes) -> bytes | None:
    """Return the EXIF data of a JPEG file, or None."""
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        kind = data[place + 1]
        if kind == 0xFF:  # fill bytes may precede a marker
            place += 1
            continue
        if kind in (_START_OF_SCAN, _END):
            break
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4])
        if kind == _APP1 and data.startswith(_EXIF, place + 4):
            return data[place + 4 : end]
        place = end
    return None


def read_orientation(exif: bytes | None) -> int:
    """Read the orientation from EXIF data, 1 to 8; 1, upright, if it is absent or damaged."""
    if exif is None:
        return 1
    tiff = exif[len(_EXIF) :] if exif.startswith(_EXIF) else exif
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, start)
        for number in range(min(entries, _MOST_ENTRIES)):
            tag, type_, _, value = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * number)
            if tag == _ORIENTATION:
                return value if type_ == _SHORT and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def is_transposed(orientation: int) -> bool:
    """Return whether an orientation exchanges height and width."""
    return orientation >= 5


def turn(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn the stored pixels [height, width, channels] upright."""
    if orientation == 1:
        return pixels
    return np.ascontiguousarray(_TURNS[orientation](pixels))
