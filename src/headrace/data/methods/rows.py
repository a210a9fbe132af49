"""Methods of a dataset that change the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Self

import pyarrow as pa

from headrace.arguments import check_function, check_names, check_takes_batches
from headrace.data.methods.base import StageMethods
from headrace.data.stages import FlatMap, Unbatch

__all__ = ["RowMethods"]


ReturnsBatches = Callable[[pa.RecordBatch], pa.RecordBatch | Iterable[pa.RecordBatch]]


class RowMethods(StageMethods):
    """Methods that make any number of rows of a row."""

    def flat_map(self, function: ReturnsBatches) -> Self:
        """Call `function` on every batch; it returns a batch, or yields batches, of any number of rows.

            >>> ds = Dataset.from_arrays({"x": [1, 2, 3]})
            >>> twice = ds.flat_map(lambda batch: [batch, batch])
            >>> [batch["x"].to_pylist() for batch in twice]
            [[1, 2, 3], [1, 2, 3]]

        Raises:
            UsageError: `function` cannot be called; when read: it returns anything but record batches.
        """
        check_takes_batches(function, "function")
        return self.apply(FlatMap(check_function(function, "function")))

    def unbatch(self, columns: str | Sequence[str]) -> Self:
        """Make a row of each element of lists; the values of the other columns are repeated.

            >>> ds = Dataset.from_arrays({"words": [["a", "b"], [], ["c"]], "label": [0, 1, 2]})
            >>> next(iter(ds.unbatch("words"))).to_pydict()
            {'words': ['a', 'b', 'c'], 'label': [0, 0, 2]}

        Args:
            columns: A column of lists, or several of equal lengths. An empty or null list makes no row.

        Raises:
            UsageError: `columns` are not names.
            SchemaError: When read: a column does not exist, is not of lists, or differs in its lengths.
        """
        return self.apply(Unbatch(check_names(columns, "columns")))
