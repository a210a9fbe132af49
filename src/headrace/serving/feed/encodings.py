"""Cells that are decoded before they become a tensor, by the `encoding` that the signature names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from headrace.errors import ModelError
from headrace.serving.signature import Input

__all__ = ["decode_column"]

_DECODERS: dict[str, Callable[[pa.Array, Input], Any]] = {}


def decode_column(array: pa.Array, column: Input) -> pa.Array:
    """Decode the cells of a column; one without an encoding is unchanged.

    Raises:
        ModelError: The encoding is unknown.
    """
    if column.encoding is None:
        return array
    if column.encoding not in _DECODERS:
        what = f"the model has cells of an unknown encoding, {column.encoding!r}"
        raise ModelError(what, feature=column.name, hint="use the version of Headrace that exported the file")
    return _DECODERS[column.encoding](array, column)
