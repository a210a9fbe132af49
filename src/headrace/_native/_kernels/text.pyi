"""Kernels over columns of strings."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace._native._kernels.framing import Bytes

def map_bytes(
    offsets: NDArray[np.int32], data: Bytes, table: NDArray[np.uint16]
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Replace or drop the bytes of each string.

    Args:
        offsets: Arrow offsets of the strings in `data`, [strings + 1]; they may start above 0.
        data: The strings' bytes.
        table: For each byte its replacement, or a `ByteAction`, [256]. `CUT` acts like `DROP`.

    Returns:
        Offsets [strings + 1] and bytes of the results.

    Raises:
        ValueError: Offsets that descend or leave `data`, or a table without 256 entries.
    """

def cut_bytes(
    offsets: NDArray[np.int32], data: Bytes, table: NDArray[np.uint16]
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.int64]]:
    """Split each string at bytes that map to `CUT`, and map its other bytes; empty tokens are omitted.

    Arguments and errors are those of `map_bytes`.

    Returns:
        Offsets [tokens + 1] and bytes of the tokens; the index of each string's first token, [strings + 1].
    """

def parse_dates(offsets: NDArray[np.int32], data: Bytes, steps: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Parse dates: microseconds since 1970-01-01 00:00 UTC, -2**63 for strings that are not dates.

    Args:
        offsets: Arrow offsets of the strings in `data`, [strings + 1].
        data: The strings' bytes.
        steps: A format, three numbers per step (see `DateStep` in `text/dates.hpp`); empty means ISO 8601.

    Raises:
        ValueError: Offsets that descend or leave `data`, or steps whose number is not a multiple of three.
    """

def are_utf8(offsets: NDArray[np.signedinteger[Any]], data: Bytes) -> bool:
    """Tell whether each string is well-formed UTF-8 (Unicode 15, table 3-7).

    Args:
        offsets: Arrow offsets of the strings in `data`, [strings + 1]; they may start above 0.
        data: The strings' bytes.

    Raises:
        ValueError: Offsets that descend or leave `data`.
    """

def murmur3_32(offsets: NDArray[np.int32], data: Bytes, seed: int) -> NDArray[np.uint32]:
    """Compute MurmurHash3_x86_32 of each string's bytes, as ONNX Runtime's `MurmurHash3` with positive=1.

    Args:
        offsets: Arrow offsets of the strings in `data`, [strings + 1].
        data: The strings' bytes.
        seed: From 0 to 2**32 - 1.

    Raises:
        ValueError: Offsets that descend or leave `data`.
    """

def argsort_strings(offsets: NDArray[np.int32], data: Bytes) -> NDArray[np.int64]:
    """Return the indices that sort strings (in Arrow's layout) by their bytes; stable.

    Raises:
        ValueError: Offsets that descend or leave `data`.
    """

class WordIndex:
    """Maps strings to their positions in a list.

    Args:
        offsets: Arrow offsets of the list's strings in `data`, [strings + 1]; they may start above 0.
        data: The strings' bytes.

    Raises:
        ValueError: Offsets that descend or leave `data`.
    """

    def __init__(self, offsets: NDArray[np.int32], data: Bytes) -> None: ...
    def find(self, offsets: NDArray[np.int32], data: Bytes) -> NDArray[np.int64]:
        """Return each string's first position in the list, or -1."""

class WordNumbers:
    """Numbers distinct strings in the order of first occurrence. Strings are given as for `WordIndex`."""

    def __init__(self) -> None: ...
    def __len__(self) -> int: ...
    def add(self, offsets: NDArray[np.int32], data: Bytes) -> NDArray[np.int32]:
        """Add strings; return the number of each."""

    def merge(self, other: WordNumbers) -> NDArray[np.int64]:
        """Add the strings of another object; return the number of each here, in the order of that object."""

    def words(self) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
        """Return the ends of the distinct strings in their bytes, and the bytes."""

class WordCounts:
    """Counts distinct strings, except for the empty string. Strings are given as for `WordIndex`."""

    def __init__(self) -> None: ...
    def __len__(self) -> int: ...
    @property
    def bytes(self) -> int:
        """The total size of the distinct strings."""

    def add(self, offsets: NDArray[np.int32], data: Bytes) -> None:
        """Count strings."""

    def add_in_rows(self, offsets: NDArray[np.int32], data: Bytes, splits: NDArray[np.int64]) -> None:
        """Count strings, and the rows that contain each: row i is strings[splits[i] : splits[i + 1]].

        Raises:
            ValueError: Splits that descend or exceed the number of strings.
        """

    def add_counted(
        self, offsets: NDArray[np.int32], data: Bytes, counts: NDArray[np.int64], rows: NDArray[np.int64]
    ) -> None:
        """Add strings with their counts and counts of rows.

        Raises:
            ValueError: The number of counts differs from the number of strings.
        """

    def merge(self, other: WordCounts) -> None:
        """Add the counts of another object."""

    def table(
        self,
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
        """Return the ends of the distinct strings in their bytes, the bytes, counts, and counts of rows."""
