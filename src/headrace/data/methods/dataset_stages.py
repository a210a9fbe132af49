"""The methods of a dataset that append a stage."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Any, Literal, Self

import pyarrow as pa

from headrace.arguments import (
    check_flag,
    check_function,
    check_integer,
    check_integer_or_auto,
    check_name,
    check_takes_batches,
)
from headrace.data.methods.classes import ClassMethods
from headrace.data.methods.columns import ColumnMethods
from headrace.data.methods.rows import RowMethods
from headrace.data.methods.sequences import SequenceMethods
from headrace.data.plan import Window
from headrace.data.stages import (
    Batch,
    BatchShare,
    Cache,
    CacheFile,
    Filter,
    Map,
    Prefetch,
    Repeat,
    Shard,
    Shuffle,
    Skip,
    Take,
)
from headrace.errors import UsageError
from headrace.storage import local_target

__all__ = ["DatasetStages"]


class DatasetStages(ClassMethods, ColumnMethods, RowMethods, SequenceMethods):
    """Methods that return a dataset with one more stage; those of each family of stages among them."""

    def shuffle(self, seed: int, window: int | str | None = None) -> Self:
        """Shuffle rows, differently each epoch.

        Rows that can be read by number are permuted uniformly, whatever the window. Other rows are mixed
        within a window in memory: `window` rows, or as many as fit into a size such as `"256MB"` or
        `"64MiB"`. By default it holds 65,536 rows, or fewer if they exceed 256 MB. Data that fits into the
        window is permuted uniformly.

        Raises:
            UsageError: `seed` is below 0, or `window` is below 1 or not a size.
        """
        has_unit = isinstance(window, str) and window.strip()[-1:].isalpha()
        limit = window if has_unit or window is None else check_integer(window, "window", 1)
        return self.apply(Shuffle(check_integer(seed, "seed"), Window.parse(limit)))

    def map(
        self,
        function: Callable[[pa.RecordBatch], pa.RecordBatch],
        threads: int | Literal["auto"] = 1,
        processes: int = 0,
    ) -> Self:
        """Call `function` on every batch, in order; it must keep the number of rows.

        Args:
            function: Takes a batch and returns one; each row of it must depend on the row at its place alone.
            threads: The number of threads, for functions that spend their time in Arrow or NumPy. "auto"
                tries 1, 2, 4, ... up to one per CPU during the first batches, and keeps as many as let the
                consumer wait less. The batches are the same for any number.
            processes: The number of processes to use instead, for functions that spend their time in Python;
                0 for none. Batches are pickled on their way.

        Raises:
            UsageError: Threads and processes together, or a tokenizer instead of a function of batches; on
                reading: a process has ended.
        """
        threads, processes = (
            check_integer_or_auto(threads, "threads", 1),
            check_integer(processes, "processes"),
        )
        if threads != 1 and processes:
            raise UsageError("expected threads or processes, got both", hint="pass one of them")
        check_takes_batches(function, "function")
        return self.apply(Map(check_function(function, "function"), threads, processes))

    def filter(self, keep: Callable[[pa.RecordBatch], Any]) -> Self:
        """Keep the rows for which `keep(batch)`, an array of one boolean per row, is true."""
        return self.apply(Filter(check_function(keep, "keep")))

    def batch(self, size: int, drop_remainder: bool = False) -> Self:
        """Rebatch to exactly `size` rows; the last batch is shorter, or dropped by `drop_remainder`."""
        drops = check_flag(drop_remainder, "drop_remainder")
        return self.apply(Batch(check_integer(size, "size", 1), drops))

    def take(self, rows: int) -> Self:
        """Keep the first `rows` rows."""
        return self.apply(Take(check_integer(rows, "rows")))

    def skip(self, rows: int) -> Self:
        """Drop the first `rows` rows."""
        return self.apply(Skip(check_integer(rows, "rows")))

    def prefetch(self, batches: int | Literal["auto"] = "auto") -> Self:
        """Compute up to `batches` batches in advance in a background thread.

        "auto" begins with as many as fit into 16 MB, from 2 to 16. It doubles their number, up to 64 in
        64 MB, whenever the consumer waits although the queue was full before, as behind a source that works
        in bursts.
        """
        return self.apply(Prefetch(check_integer_or_auto(batches, "batches", 1)))

    def shard(self, index: int, shards: int, mask: str | None = None) -> Self:
        """Keep rows `index`, `index + shards`, ... of each epoch: one of `shards` disjoint subsets.

        Of a shuffled dataset, the shards share the order of each epoch: with batches of `size // shards` rows
        they read the same global batches, whatever their number. Shards differ by at most one row, so that
        one may have a batch more than another: drop remainders, or pass a `mask`.

        Args:
            index: The number of the shard, from 0, such as the rank of a process.
            shards: The number of shards.
            mask: The name of a boolean column to add. All shards then have equally many rows; the mask is
                false in the row that a shorter shard repeats.

        Raises:
            UsageError: `index` is not in [0, shards).
            SchemaError: On reading: there is a column named `mask` already.
        """
        index, shards = check_integer(index, "index"), check_integer(shards, "shards", 1)
        if index >= shards:
            raise UsageError(f"shard {index} of {shards}", hint="number the shards from 0 to shards - 1")
        return self.apply(Shard(index, shards, None if mask is None else check_name(mask, "mask")))

    def share_batches(self, size: int, index: int, shares: int) -> Self:
        """Rebatch to `size` rows, and keep one of `shares` shares of each batch.

        Together the shares have the batches of `batch(size)`, whatever their number; the last batch may have
        empty shares, which are left out. Rows that can be read by number are read by one share only.

            >>> ds = Dataset.from_arrays({"x": range(8)})
            >>> [[b["x"].to_pylist() for b in ds.share_batches(4, rank, 2)] for rank in range(2)]
            [[[0, 1], [4, 5]], [[2, 3], [6, 7]]]

        Args:
            size: Rows of a batch.
            index: The number of the share, from 0, such as the rank of a process.
            shares: The number of shares, at most `size`.

        Raises:
            UsageError: `index` is not in [0, shares), or a batch has fewer rows than there are shares.
        """
        size, shares = check_integer(size, "size", 1), check_integer(shares, "shares", 1)
        index = check_integer(index, "index")
        if index >= shares:
            raise UsageError(f"share {index} of {shares}", hint="number the shares from 0 to shares - 1")
        if shares > size:
            what = f"expected at least one row for each of {shares} shares, got batches of {size}"
            raise UsageError(what, hint="choose larger batches, or fewer shares")
        return self.apply(BatchShare(size, index, shares))

    def repeat(self, times: int) -> Self:
        """Repeat the rows `times` times, each time in another order if shuffled."""
        return self.apply(Repeat(check_integer(times, "times", 1)))

    def cache(self, path: str | PathLike[str] | None = None) -> Self:
        """Keep the rows after the first complete pass; shuffle after it, not before.

        Args:
            path: A local file to keep them in, such as "rows.arrow"; it is used again by later runs as long
                as the source, the stages and their functions are the same. None keeps them in memory.

        Raises:
            UsageError: On reading: `path` exists and is not a cache, or cannot be written.
        """
        return self.apply(Cache() if path is None else CacheFile(str(local_target(path))))
