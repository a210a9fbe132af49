"""A column of strings on its way to a model, beside columns of tensors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from headrace.columns.arrays import Ragged

__all__ = ["Strings", "holds_strings"]


class Strings:
    """Strings of a batch, for the layers of `headrace.layers` at the start of a model.

    It behaves like a tensor of one dimension where that is needed: `len`, slices, iteration, and `to`, which
    returns it unchanged, since strings stay on the CPU.

    Attributes:
        array: The strings as an Arrow array; a missing one is empty.

    Example:
        >>> texts = Strings(pa.array(["good", "bad", "so so"]))
        >>> len(texts), texts[1], texts[:2].tolist()
        (3, 'bad', ['good', 'bad'])
    """

    __slots__ = ("array",)

    def __init__(self, array: pa.Array) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, place: Any) -> Any:
        return Strings(self.array[place]) if isinstance(place, slice) else self.array[place].as_py()

    def __iter__(self) -> Iterator[str]:
        return iter(self.tolist())

    def __repr__(self) -> str:
        """Show the number of strings."""
        return f"Strings({len(self)})"

    @property
    def nbytes(self) -> int:
        """The bytes of the strings and their offsets."""
        return self.array.nbytes

    def tolist(self) -> list[str]:
        """Return the strings as a list."""
        return self.array.to_pylist()

    def to(self, *_args: Any, **_options: Any) -> Strings:
        """Return the column itself, whatever the device."""
        return self

    def cpu(self) -> Strings:
        """Return the column itself."""
        return self

    def detach(self) -> Strings:
        """Return the column itself."""
        return self

    @staticmethod
    def join(columns: list[Strings]) -> Strings:
        """Concatenate columns."""
        return Strings(pa.concat_arrays([each.array for each in columns]))


def holds_strings(value: Any) -> bool:
    """Return whether a column of `Dataset.to_torch` is of strings, or of lists of strings."""
    return isinstance(value.values if isinstance(value, Ragged) else value, Strings)
