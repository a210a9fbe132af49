"""The form in which `load` returns a split: its columns, their order, and the batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from headrace.arguments import check_flag, check_integer, check_names
from headrace.data import Dataset
from headrace.datasets.info import DatasetInfo
from headrace.errors import SchemaError, UsageError
from headrace.suggestions import suggest

__all__ = ["LoadedForm"]

_SEED = 0  # of the order of rows


@dataclass(frozen=True)
class LoadedForm:
    """How to return the rows of a split.

    Attributes:
        columns: The columns, in order; None is all, as they are.
        label: The column to predict, if batches of tensors are pairs.
        is_shuffled: Whether each epoch has an order of its own.
        batch_size: Rows per batch, -1 for all; None leaves the batches.
    """

    columns: tuple[str, ...] | None
    label: str | None
    is_shuffled: bool
    batch_size: int | None

    @classmethod
    def create(
        cls,
        info: DatasetInfo,
        *,
        as_supervised: bool,
        batch_size: int | None,
        shuffle_files: bool,
        columns: Sequence[str] | None,
    ) -> Self:
        """Check the arguments of `load`.

        Raises:
            UsageError: An argument of another type, or `as_supervised` of data without a label.
            SchemaError: A column does not exist.
        """
        names = None if columns is None else tuple(check_names(columns, "columns"))
        known = info.schema.names  # none where the card does not say, before the data are prepared
        for name in names or ():
            if known and name not in known:
                hint = suggest(name, known)
                raise SchemaError(f"'{info.name}' lacks this column", feature=name, hint=hint)
        label = None
        if check_flag(as_supervised, "as_supervised"):
            label = info.label
            if label not in known:
                what = f"as_supervised: the card of '{info.name}' names no column to predict"
                raise UsageError(what, hint="load it without, then call .as_supervised('COLUMN')")
            inputs = names or info.inputs or known
            names = (*(name for name in inputs if name != label), label)
        if batch_size is not None and batch_size != -1:
            batch_size = check_integer(batch_size, "batch_size", 1)
        return cls(names, label, check_flag(shuffle_files, "shuffle_files"), batch_size)

    def apply(self, ds: Dataset, *, keeps_rows: bool) -> Dataset:
        """Return the rows in this form.

        Args:
            ds: All columns of the rows.
            keeps_rows: Whether to keep the rows in memory after the first pass.
        """
        ds = ds if self.columns is None else ds.select(self.columns)
        ds = ds.cache() if keeps_rows else ds
        ds = ds.shuffle(_SEED) if self.is_shuffled else ds
        if self.batch_size is not None:
            rows = self.batch_size if self.batch_size > 0 else ds.num_rows
            ds = ds.batch(max(1, sum(each.num_rows for each in ds) if rows is None else rows))
        return ds if self.label is None else ds.as_supervised(self.label)
