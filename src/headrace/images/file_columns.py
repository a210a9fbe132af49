"""Columns of encoded images as the kernels read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace.errors import SchemaError

__all__ = ["FileColumn"]

_BYTES_AT_ONCE = 32 << 10  # decoded in some 0.3 ms, beside which handing them to a thread costs little


@dataclass(frozen=True)
class FileColumn:
    """Encoded images one after another, without copies of the files.

    Attributes:
        offsets: Where each file begins in `data`, and the last ends: int64 [files + 1].
        data: The bytes, uint8.
        missing: The rows without a file.
    """

    offsets: NDArray[np.int64]
    data: NDArray[np.uint8]
    missing: tuple[int, ...] = ()

    @classmethod
    def from_files(cls, files: Any) -> FileColumn:
        """Create a column from a binary array, or from the bytes of each file.

        Raises:
            SchemaError: The array is not binary.
        """
        import pyarrow as pa  # `headrace.images` loads without it

        if isinstance(files, pa.ChunkedArray):
            files = files.combine_chunks()
        array: Any = files if isinstance(files, pa.Array) else pa.array(list(files), pa.binary())
        if pa.types.is_large_binary(array.type):
            type_: Any = np.int64
        elif pa.types.is_binary(array.type):
            type_ = np.int32
        else:
            hint = "pass their bytes, as an Arrow array of binary or a list"
            raise SchemaError(f"expected the bytes of image files, got Arrow type {array.type}", hint=hint)
        missing = tuple(np.flatnonzero(array.is_null()).tolist()) if array.null_count else ()
        _, offsets, data = array.buffers()
        if offsets is None or data is None:
            return cls(np.zeros(len(array) + 1, np.int64), np.zeros(0, np.uint8), missing)
        places = np.frombuffer(offsets, type_)[array.offset : array.offset + len(array) + 1]
        return cls(places.astype(np.int64, copy=False), np.frombuffer(data, np.uint8), missing)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def read(self, row: int) -> bytes:
        """Copy the bytes of a file."""
        return self.data[self.offsets[row] : self.offsets[row + 1]].tobytes()

    def divide(self) -> list[slice]:
        """Divide the rows into ranges that are worth a thread's while."""
        starts = self.offsets[:-1] // _BYTES_AT_ONCE
        cuts = np.flatnonzero(np.diff(starts, prepend=-1))
        return [slice(*pair) for pair in pairwise([*cuts, len(self)])]

    def take(self, rows: slice) -> FileColumn:
        """Return the files of a range of rows."""
        return FileColumn(self.offsets[rows.start : rows.stop + 1], self.data)


def list_rows(starts: Iterable[slice], left: Iterable[NDArray[np.int64]]) -> list[int]:
    """List the rows that the kernels left out, from the numbers within each range."""
    return [rows.start + int(each) for rows, found in zip(starts, left, strict=True) for each in found]
