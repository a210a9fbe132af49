"""Kernels over Arrow columns."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

class RowChunks:
    """The rows of several Arrow record batches, gathered by number; immutable, for any number of threads.

    Args:
        schema: The capsule of `__arrow_c_schema__` of the batches' schema.
        batches: For each batch the second capsule of `__arrow_c_array__`, which is consumed, and for each of
            its columns the sizes of `pyarrow.Array.buffers()`, 0 for None.

    Raises:
        ValueError: A buffer is too small for the batch's rows, or an array is not of the schema's type.
    """

    def __init__(self, schema: Any, batches: list[tuple[Any, list[list[int]]]]) -> None: ...
    @property
    def num_rows(self) -> int:
        """The number of rows of all batches."""

    @property
    def row_bytes(self) -> float:
        """The average bytes of a row, an estimate: all buffers, also what lies outside slices."""

    @property
    def supported(self) -> list[bool]:
        """Whether `take` gathers a column; not dictionaries, unions, views and run-end encoding."""

    def take(self, rows: NDArray[np.int64], import_batch: Callable[[int, Any], T], schema: Any) -> T:
        """Gather the rows numbered `rows`, [n], in that order; repeats are allowed.

        Args:
            rows: The rows, counted through all batches.
            import_batch: Called with the address of an `ArrowArray`, a struct of the supported columns, which
                it moves, and with `schema`.
            schema: Passed on.

        Returns:
            What `import_batch` returns.

        Raises:
            IndexError: A row does not exist.
            OverflowError: The values of a column need offsets of more than 32 bits.
            ValueError: Offsets in a batch descend, or lie outside its values.
        """

    def take_padded(
        self, column: int, rows: NDArray[np.int64], length: int, multiple_of: int, fill: NDArray[np.uint8]
    ) -> tuple[NDArray[np.uint8], NDArray[np.int64], int]:
        """Gather lists as rows of one length: the first values of longer lists, `fill` after shorter ones.

        Args:
            column: The place of a column of lists of values of fixed width, without nulls.
            rows: The rows, counted through all batches, [n].
            length: The values of a row; -1 for those of the longest list, at least 1.
            multiple_of: What a length of -1 is rounded up to.
            fill: The bytes of one value.

        Returns:
            The bytes of the rows, [n * length * len(fill)]; the values of each list, [n]; and the length.

        Raises:
            IndexError: A row or the column does not exist.
            ValueError: The column is of another type or has nulls, or offsets descend or lie outside the
                values.
        """

def permute(positions: NDArray[np.int64], size: int, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Map positions through a random permutation of the numbers below `size`, by a Feistel network.

    Args:
        positions: Numbers below `size`, [n].
        size: The size of the permutation, at most 2**62.
        keys: One key per round.

    Raises:
        IndexError: A position is not below `size`.
        ValueError: `size` is below 1 or too large.
    """

def pack_lengths(lengths: NDArray[np.int64], capacity: int) -> tuple[NDArray[np.int64], int]:
    """Pack items into few bins by best-fit decreasing.

    Args:
        lengths: The length of each item, [n], from 1 to `capacity`.
        capacity: The sum of lengths that fits into a bin, at most 2**20.

    Returns:
        The bin of each item, [n], and the number of bins.

    Raises:
        ValueError: A length or the capacity is out of range.
    """

def pad_lists(
    values: NDArray[np.uint8], splits: NDArray[np.int64], length: int, fill: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Write lists as rows of `length` values: the first values of longer lists, `fill` after shorter ones.

    Args:
        values: The bytes of the values of all lists.
        splits: List i has the values `splits[i]` to `splits[i + 1]`, [n + 1].
        length: The values of a row.
        fill: The bytes of one value.

    Returns:
        The bytes of the rows, [n * length * len(fill)].

    Raises:
        ValueError: The splits descend or lie outside the values.
    """
