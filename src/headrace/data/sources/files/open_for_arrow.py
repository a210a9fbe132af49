"""Open files for Arrow's readers, which open local files themselves."""

from __future__ import annotations

import pyarrow as pa

from headrace.storage import local_path, open_random_access

__all__ = ["open_for_arrow"]


def open_for_arrow(path: str) -> str | pa.NativeFile:
    """Return a local path unchanged, or open a URL for random access.

    Raises:
        UsageError: The URL cannot be opened, or its server does not support random access.
    """
    local = local_path(path)
    return pa.PythonFile(open_random_access(path), "r") if local is None else str(local)
