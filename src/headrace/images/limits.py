"""The largest images that are decoded."""

from __future__ import annotations

from headrace.errors import RecordError

__all__ = ["PIXEL_LIMIT", "check_size"]

PIXEL_LIMIT = 1 << 26  # 8192 x 8192
_SCANS = 16  # of a progressive JPEG of the largest size; smaller ones may have more


def check_size(height: int, width: int, scans: int = 1) -> None:
    """Refuse what would take too much memory, or many passes over much memory.

    Raises:
        RecordError: More than `PIXEL_LIMIT` pixels, or too many scans.
    """
    if height * width > PIXEL_LIMIT:
        what = f"expected at most {PIXEL_LIMIT:,} pixels, got {width:,} x {height:,}"
        raise RecordError(what, hint="scale it down")
    if height * width * scans > PIXEL_LIMIT * _SCANS:
        what = f"too many scans for {width:,} x {height:,} pixels: {scans:,}"
        raise RecordError(what, hint="write the image in fewer scans, or as a baseline JPEG")
