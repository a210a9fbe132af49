"""Open files for Arrow's readers, which open local files themselves."""

from __future__ import annotations

import os

import pyarrow as pa

from headrace.file_errors import wrap_file_errors
from headrace.storage import is_utf8, local_path, open_random_access

__all__ = ["open_for_arrow"]


def open_for_arrow(path: str) -> str | pa.NativeFile:
    """Return a local path unchanged, or open what Arrow cannot: a URL, or a name that is not UTF-8.

    Raises:
        UsageError: The file cannot be opened, or its server does not support random access.
    """
    local = local_path(path)
    if local is None:
        return pa.PythonFile(open_random_access(path), "r")
    if is_utf8(str(local)):
        return str(local)
    with wrap_file_errors(path, "cannot be read", "check the path"):
        return pa.OSFile(os.fsencode(local))
