"""Methods of a dataset for lists, strings and series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from headrace.arguments import check_flag, check_integer, check_name, check_names, check_number
from headrace.data.methods.base import StageMethods
from headrace.data.stages import BucketByLength, Pack, Pad, SlidingWindow
from headrace.errors import UsageError

__all__ = ["SequenceMethods"]

_LONGEST = 1 << 20  # values of a row, rows of a window
_FARTHEST = 1 << 40  # rows between windows


class SequenceMethods(StageMethods):
    """Methods that work on sequences of different lengths, and on consecutive rows."""

    def bucket_by_length(
        self,
        column: str,
        batch_size: int | None = None,
        *,
        tokens: int | None = None,
        pool: int = 100,
        seed: int = 0,
    ) -> Self:
        """Batch rows of similar length together, so that padding adds few cells.

        Rows are sorted within pools of `pool` batches and at most 128 MiB; the batches of a pool leave in
        random order, another one in each epoch. Shuffle before, do not batch after.

            >>> ds = Dataset.from_arrays({"words": [["a"] * n for n in (3, 1, 3, 1)]})
            >>> sorted(len(batch["words"].flatten()) for batch in ds.bucket_by_length("words", 2))
            [2, 6]

        Args:
            column: A column of lists (their length counts), strings (their bytes) or integers (their value).
            batch_size: The rows of a batch; the last one of a pool may be shorter.
            tokens: Instead of `batch_size`: the largest number of cells, rows x longest row, of a batch; a
                longer row has a batch of its own.
            pool: The number of batches that are made of a pool, 1 or more.
            seed: Selects the order of batches.

        Raises:
            UsageError: Not exactly one of `batch_size` and `tokens` is given, or an argument is invalid.
            SchemaError: When read: the column does not exist, or has no lengths.
        """
        if (batch_size is None) == (tokens is None):
            got = "neither" if tokens is None else "both"
            raise UsageError(
                f"expected one of batch_size and tokens, got {got}",
                hint="pass the rows of a batch, or tokens= for its cells",
            )
        return self.apply(
            BucketByLength(
                check_name(column, "column"),
                None if batch_size is None else check_integer(batch_size, "batch_size", 1),
                None if tokens is None else check_integer(tokens, "tokens", 1),
                check_integer(pool, "pool", 1),
                check_integer(seed, "seed"),
            )
        )

    def pad(
        self,
        columns: str | Sequence[str],
        length: int | None = None,
        *,
        multiple_of: int = 1,
        value: float = 0,
        truncate: bool = False,
        mask: bool = False,
        lengths: bool = False,
    ) -> Self:
        """Convert lists of numbers to dense rows [rows, length], padded at the end.

            >>> ds = Dataset.from_arrays({"ids": [[1, 2, 3], [4]]}).pad("ids", multiple_of=4)
            >>> next(iter(ds))["ids"].to_pylist()
            [[1, 2, 3, 0], [4, 0, 0, 0]]

        Args:
            columns: A column, or several.
            length: The length of every row; None is that of the longest list of each batch, which makes the
                type of the column differ from batch to batch, so batch before and do not after.
            multiple_of: Round the length up to a multiple of this.
            value: The value that pads shorter lists.
            truncate: Cut longer lists; otherwise they are an error.
            mask: Add a column `COLUMN_mask`, bool [rows, length]: whether a value is of the list.
            lengths: Add a column `COLUMN_length`, int32 [rows]: the number of values of the list.

        Raises:
            UsageError: An argument is invalid.
            SchemaError: When read: a column does not exist or is not of lists of numbers, a list is longer
                than `length`, or `value` does not fit into the type of the list.
        """
        number = check_number(value, "value")
        filling = int(value) if hasattr(value, "__index__") else number  # not all int64 are floats
        return self.apply(
            Pad(
                check_names(columns, "columns"),
                None if length is None else check_integer(length, "length", 1, _LONGEST),
                check_integer(multiple_of, "multiple_of", 1, _LONGEST),
                filling,
                check_flag(truncate, "truncate"),
                check_flag(mask, "mask"),
                check_flag(lengths, "lengths"),
            )
        )

    def pack(
        self,
        columns: str | Sequence[str],
        length: int,
        *,
        separator: int | None = None,
        value: int = 0,
        pool: int = 1000,
        seed: int = 0,
    ) -> Self:
        """Pack lists of tokens into dense rows of exactly `length` tokens, several sequences to a row.

        Within pools of about `pool` rows, at most 128 MiB, each sequence goes into the fullest row that has
        room for it, the longest first. The rows of a pool leave in random order, another one in each epoch.
        Two columns are added, int32 [rows, length]: `segment_ids` has 1 for the first sequence of a row, 2
        for the second, 0 for padding; `position_ids` has the place in the sequence. Of every other column a
        row has a list, with one value for each of its sequences.

            >>> ds = Dataset.from_arrays({"ids": [[1, 2, 3], [4], [5, 6]], "label": [7, 8, 9]})
            >>> packed = next(iter(ds.pack("ids", length=4).batch(2))).to_pydict()
            >>> sorted(zip(packed["ids"], packed["segment_ids"], packed["label"]))
            [([1, 2, 3, 4], [1, 1, 1, 2], [7, 8]), ([5, 6, 0, 0], [1, 1, 0, 0], [9])]

        Args:
            columns: A column of lists of numbers, or several of equal lengths, packed together.
            length: The tokens of a packed row, at most 2**20; longer sequences are divided.
            separator: A token to append to each sequence, in the first of `columns`; None for none.
            value: The value that pads rows.
            pool: The number of packed rows that are made of a pool, 1 or more.
            seed: Selects the order of packed rows.

        Raises:
            UsageError: An argument is invalid.
            SchemaError: When read: a column does not exist, is not of lists of numbers, or differs in its
                lengths; or a column `segment_ids` or `position_ids` exists.
        """
        return self.apply(
            Pack(
                check_names(columns, "columns"),
                check_integer(length, "length", 1, _LONGEST),
                None if separator is None else check_integer(separator, "separator", -(2**63)),
                check_integer(value, "value", -(2**63)),
                check_integer(pool, "pool", 1),
                check_integer(seed, "seed"),
            )
        )

    def window(
        self,
        size: int,
        shift: int = 1,
        *,
        stride: int = 1,
        horizon: int = 0,
        targets: str | Sequence[str] | None = None,
        drop_remainder: bool = True,
        key: str | Sequence[str] | None = None,
    ) -> Self:
        """Turn consecutive rows into sliding windows: a column becomes a list of its values in `size` rows.

        `size`, `shift`, `stride` and `drop_remainder` are those of `tf.data.Dataset.window`; Keras's
        `timeseries_dataset_from_array` calls the first three `sequence_length`, `sequence_stride` and
        `sampling_rate`. Numbers become fixed_size_list [size], vectors [k] tensors [size, k]. Split before,
        in time, and shuffle the windows after.

            >>> ds = Dataset.from_arrays({"t": range(6)}).window(3, horizon=1)
            >>> next(iter(ds)).to_pydict()
            {'t': [[0, 1, 2], [1, 2, 3], [2, 3, 4]], 't_target': [3, 4, 5]}

        Args:
            size: The rows of a window.
            shift: The rows from the start of a window to the start of the next.
            stride: The rows from a row of a window to its next.
            horizon: The rows from the last row of a window to its target.
            targets: Columns to predict: `COLUMN_target` has the value at the target's row. None is all
                columns but the key if there is a horizon, else none.
            drop_remainder: Drop windows of fewer than `size` rows at the end; otherwise they are kept, and
                columns are lists of any length.
            key: A column, or several, such as the number of a sensor: windows do not reach across rows in
                which it differs, and it has one value per window. Rows of a key must follow each other.

        Raises:
            UsageError: An argument is invalid, or targets are wanted of windows that may lack rows.
            SchemaError: When read: a target or key does not exist, or a column `COLUMN_target` does.
        """
        horizon = check_integer(horizon, "horizon")
        if not check_flag(drop_remainder, "drop_remainder") and (horizon or targets is not None):
            raise UsageError(
                "windows of fewer than `size` rows have no target", hint="leave out drop_remainder=False"
            )
        return self.apply(
            SlidingWindow(
                check_integer(size, "size", 1, _LONGEST),
                check_integer(shift, "shift", 1, _FARTHEST),
                check_integer(stride, "stride", 1, _LONGEST),
                check_integer(horizon, "horizon", 0, _FARTHEST),
                None if targets is None else check_names(targets, "targets"),
                bool(drop_remainder),
                () if key is None else check_names(key, "key"),
            )
        )
