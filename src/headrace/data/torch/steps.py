"""Convert the batches of a stream, several slices of one parent at once."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from headrace.data.pipeline import Step
from headrace.data.torch.placement import Placement
from headrace.data.torch.tensors import Converter, Tensors

__all__ = ["StepConverter"]

# Converted at once. More does not fit a cache, and malloc returns larger blocks to the system each time.
_WINDOW_BYTES = 1 << 20
# Python's garbage collector visits each tensor, and starts the more often the more of them are alive.
_WINDOW_TENSORS = 1024


class StepConverter:
    """Converts the steps of a stream to tensors.

    Batches that are slices of one parent are converted in windows of about 1 MB and at most 1,024 tensors, or
    of one batch, and the tensors are split: splitting a tensor costs a fraction of converting a column.

    Args:
        placement: The memory to copy tensors to.
    """

    def __init__(self, placement: Placement) -> None:
        self._placement = placement
        self._converter: Converter | None = None
        self._parent: pa.RecordBatch | None = None
        self._slices: Iterator[Tensors] = iter(())
        self._offset = self._size = self._left = 0  # of the next slice of the window; slices left in it
        self._row_bytes = 1.0

    def convert(self, step: Step) -> Tensors:
        """Convert the batch of a step; see `to_tensors`."""
        batch, _, parent, offset, is_owned = step
        size = batch.num_rows
        if parent is None or not size:
            return self._find_converter(batch.schema).convert(batch, is_owned)
        is_next = parent is self._parent and offset == self._offset and size == self._size
        if not (is_next and self._left):
            self._open_window(parent, offset, size)
        self._offset += size
        self._left -= 1
        return next(self._slices)

    def _open_window(self, parent: pa.RecordBatch, offset: int, size: int) -> None:
        if parent is not self._parent:
            self._parent = parent
            self._row_bytes = parent.nbytes / parent.num_rows
        rows = min(parent.num_rows - offset, int(_WINDOW_BYTES / max(self._row_bytes, 1.0)))
        count = min(rows // size, _WINDOW_TENSORS // max(parent.num_columns, 1))
        self._offset, self._size, self._left = offset, size, max(1, count)
        window = parent.slice(offset, self._left * size)
        self._slices = self._find_converter(parent.schema).convert_slices(window, size)

    def _find_converter(self, schema: pa.Schema) -> Converter:
        """Return the converter of the last batch, or one for another schema."""
        if self._converter is None or not self._converter.schema.equals(schema):
            self._converter = Converter(schema, self._placement, self._converter)
        return self._converter
