"""Detect whether a record file is compressed."""

from __future__ import annotations

from headrace._native import FrameState, scan_frames
from headrace.records.tfrecord.framing import HEADER_SIZE

__all__ = ["detect_compression"]


def _is_gzip(head: bytes) -> bool:
    return head[:3] == b"\x1f\x8b\x08"


def _is_zlib(head: bytes) -> bool:
    """Check for deflate, a window of at most 32 KB, no dictionary, and a check value that divides by 31.

    No deflated data start with two small bytes and four zeros, but the length of a record does.
    """
    return (
        len(head) > 1
        and head[0] & 0x8F == 8
        and not head[1] & 0x20
        and (head[0] << 8 | head[1]) % 31 == 0
        and head[4:8] != bytes(4)
    )


def detect_compression(head: bytes) -> str | None:
    """Detect the compression of a file from its first 12 bytes.

    The header of a record can look like a compressed file by chance, but then its checksum is right.

    >>> detect_compression(bytes.fromhex("1f8b0800 00000000 00034b4c"))
    'gzip'
    """
    kind = "gzip" if _is_gzip(head) else "zlib" if _is_zlib(head) else None
    if len(head) >= HEADER_SIZE and scan_frames(head)[3] != FrameState.BAD_LENGTH_CHECKSUM:
        return None
    return kind
