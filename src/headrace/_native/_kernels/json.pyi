"""Kernels that parse and write JSON lines."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from headrace._native._kernels.framing import Bytes
from headrace._native.types import JsonFailure, JsonField

T = TypeVar("T")

class JsonSurvey:
    """Finds the keys and the kinds of values of JSON lines.

    Args:
        max_names: The most distinct keys.
    """

    def __init__(self, max_names: int) -> None: ...
    def append(self, data: Bytes, line: int) -> JsonFailure | None:
        """Add lines, which are counted from `line` on; blank ones are skipped.

        Returns:
            What is wrong with a line, with the line counted likewise, or None.
        """

    def nodes(self) -> list[tuple[int, bytes | None, list[int], int, int]]:
        """Return a node for the lines, then for each key and for the items of each list, as they first occur.

        A node is the number of the node that it is in (-1 for the first), its name (None for items), for each
        `JsonKind` the first line that has it (-1 for none), and the shortest and longest list (-1 for none).
        """

    @property
    def rows(self) -> int:
        """The number of lines that are not blank."""

    @property
    def values(self) -> int:
        """The number of values, null and those in lists and objects among them."""

class JsonColumns:
    """Parses JSON lines into Arrow columns.

    Args:
        fields: The columns.
        strict: Whether another key is a fault.

    Raises:
        ValueError: An invalid field.
    """

    def __init__(self, fields: list[JsonField], strict: bool) -> None: ...
    def append(self, data: Bytes, max_rows: int) -> tuple[int, int, JsonFailure | None]:
        """Parse lines until there are `max_rows` rows in all.

        Returns:
            The number of bytes and of lines that were parsed, and what is wrong with the next line, or None.
        """

    def finish(self, import_batch: Callable[[int, Any], T], schema: Any) -> T:
        """Pass the columns on. The object must not be used after it.

        Args:
            import_batch: Called with the address of an `ArrowArray`, a struct of the columns, which it
                moves, and with `schema`.
            schema: Passed on.
        """

    def lines(self) -> NDArray[np.int32]:
        """Return the line of each row, counted within the call of `append` that parsed it; call it once."""

    @property
    def rows(self) -> int:
        """The number of rows."""

def write_json(
    schema: object, array: object, end: bytes
) -> tuple[NDArray[np.int64], NDArray[np.uint8], list[bytes] | None]:
    """Write each value of an Arrow array as JSON text, followed by `end`; missing values and NaN are null.

    Args:
        schema: The type, a capsule of the Arrow PyCapsule interface.
        array: The array likewise: of booleans, numbers, strings, bytes, lists, structs or nulls. Its buffers
            must be as long as its length and last offsets say (`pyarrow.Array.validate`).
        end: What follows each text.

    Returns:
        The offsets of the texts, the texts, and the names of the fields of an infinite value, where the text
        ends, or None.

    Raises:
        ValueError: An array of another type, or offsets that descend.
    """
