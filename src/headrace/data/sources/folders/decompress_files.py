"""Decompress files that were read as a whole."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import arrow_compute as pc
from headrace.data.sources.folders.file_list import FileList
from headrace.data.sources.folders.file_store import FileLimit
from headrace.errors import UsageError
from headrace.storage import READ_ERRORS, decompress

__all__ = ["decompress_files"]

_ENDINGS = r"\.(gz|bz2|zst)$"


def decompress_files(
    contents: pa.Array, files: FileList, rows: NDArray[np.int64], limit: FileLimit
) -> pa.Array:
    """Decompress the contents of files whose names end in .gz, .bz2 or .zst.

    Args:
        contents: The contents, binary [n].
        files: The list of the files.
        rows: Their numbers, int64 [n].
        limit: The largest file after decompression.

    Raises:
        UsageError: A file is corrupt, or exceeds the limit.
    """
    names = files.find_names(rows)
    compressed = pc.call_function("match_substring_regex", [names], pc.MatchSubstringOptions(_ENDINGS))
    if not pc.call_function("any", [compressed]).as_py():
        return contents
    values = contents.to_pylist()
    for place in np.flatnonzero(compressed.to_numpy(zero_copy_only=False)).tolist():
        path = files.describe(int(rows[place]))
        try:
            with decompress(BytesIO(values[place]), path) as file:
                values[place] = file.read(limit.size + 1)
        except READ_ERRORS as error:
            raise UsageError(f"corrupt compressed file ({error})", path=path, hint="copy it again") from error
        if len(values[place]) > limit.size:
            raise limit.error(path)
    return pa.array(values, pa.binary())
