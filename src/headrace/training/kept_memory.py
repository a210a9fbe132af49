"""Memory that one step of a training frees, kept for the next."""

from __future__ import annotations

import ctypes
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["kept_memory"]

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4  # parameters of mallopt(3)
_NEVER = -1
_MANY = 65_536  # glibc's own
_LARGE = 32 << 20  # what glibc's own threshold grows to as large blocks are freed


@contextmanager
def kept_memory() -> Generator[None]:
    """While it lasts, glibc gives no freed memory back to the system, which it asks for less often.

    Activations are large blocks: glibc maps each anew, and the system clears it page by page, at every step.
    That took a tenth of the processors' time in a small CNN's training, and what was in their caches. Other
    allocators are left alone. Memory is given back at the end.
    """
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "gnu_get_libc_version"):
        yield
        return
    libc.mallopt(_MMAP_MAX, 0)
    libc.mallopt(_TRIM_THRESHOLD, _NEVER)
    try:
        yield
    finally:
        libc.mallopt(_MMAP_MAX, _MANY)
        libc.mallopt(_MMAP_THRESHOLD, _LARGE)
        libc.mallopt(_TRIM_THRESHOLD, 2 * _LARGE)
        libc.malloc_trim(0)
