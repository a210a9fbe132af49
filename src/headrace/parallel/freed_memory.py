"""Return freed memory to the system, where the allocators keep it."""

from __future__ import annotations

import ctypes

import pyarrow as pa

from headrace._native import release_cached_blocks

__all__ = ["return_freed_memory"]


def return_freed_memory() -> None:
    """Return the pages to the system that are free: those of the kernels, of Arrow and of glibc's allocator.

    Allocators keep what is freed, to use it again. After a model was loaded, trained or measured, tens of
    megabytes are kept that the next step may not need, or another allocator would take anew.
    """
    release_cached_blocks()
    pa.default_memory_pool().release_unused()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)
