"""Return freed memory to the system, where the allocator keeps it."""

from __future__ import annotations

import ctypes

__all__ = ["return_freed_memory"]


def return_freed_memory() -> None:
    """Return the pages to the system that glibc's allocator holds free; others are not changed.

    Loading a model leaves about its size in such pages: the parsed file, and weights before they were packed.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)
