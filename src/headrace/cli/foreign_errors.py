"""Errors of the operating system and of other libraries, as Headrace errors: the last door of the command line.

Where a file is opened or read, its own error names it. What still gets here is not a fault of Headrace's code:
a full disk, an archive cut short, an array that Arrow refuses. It takes one line, like every other error.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from headrace.errors import HeadraceError, ModelError, SchemaError, UsageError
from headrace.file_errors import remedy

__all__ = ["convert_error"]

_DAMAGED = "check that the file is complete and not damaged"
_FOREIGN: Mapping[str, tuple[type[HeadraceError], str, str]] = {
    "pyarrow": (SchemaError, "Arrow refused the data", "check the data and their types"),
    "onnxruntime": (ModelError, "ONNX Runtime failed", "check the model and its inputs"),
    "onnx": (ModelError, "not a valid ONNX model", "export the model again"),
    "safetensors": (ModelError, "not a readable safetensors file", "download or save it again"),
    "json": (UsageError, "not JSON", "write the file again"),
    "zipfile": (UsageError, "not a readable zip file", _DAMAGED),
    "tarfile": (UsageError, "not a readable tar file", _DAMAGED),
    "zlib": (UsageError, "not readable compressed data", _DAMAGED),
    "_lzma": (UsageError, "not readable compressed data", _DAMAGED),
}


def convert_error(error: Exception) -> HeadraceError | None:
    """Convert an error of the operating system or of another library; None for any other error.

    >>> import errno
    >>> print(convert_error(OSError(errno.ENOSPC, "No space left on device", "out/train.parquet")))
    out/train.parquet: No space left on device; make room, or choose another place.
    """
    if isinstance(error, HeadraceError):
        return error
    for kind in type(error).__mro__:  # by name: a command must not import what it does not use
        found = _FOREIGN.get(kind.__module__.partition(".")[0])
        if found is not None:
            make, what, hint = found
            return make(f"{what} ({_first_line(error)})", hint=hint)
    if isinstance(error, OSError):
        return _convert_os_error(error)
    if isinstance(error, EOFError):
        return UsageError(f"a file ends too early ({_first_line(error)})", hint=_DAMAGED)
    if isinstance(error, UnicodeError):
        return UsageError(f"expected UTF-8 ({_first_line(error)})", hint="save the text as UTF-8")
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        hint = "choose a smaller batch size, or close other programs"
        return UsageError(f"out of memory ({_first_line(error)})", hint=hint)
    return None


def _convert_os_error(error: OSError) -> UsageError:
    name = error.filename2 or error.filename
    path = os.fsdecode(name) if isinstance(name, str | bytes | os.PathLike) else None
    return UsageError(error.strerror or _first_line(error), path=path, hint=remedy(error, "check the path"))


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
