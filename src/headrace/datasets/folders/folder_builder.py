"""The builder of a folder: its card, filled in from what the files say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.folders.card import Card
from headrace.datasets.info import DatasetInfo

__all__ = ["OpenSplits", "make_builder"]


@dataclass(frozen=True)
class OpenSplits(Mapping[str, Dataset]):
    """The splits of a folder, each opened when it is first read.

    Attributes:
        openers: Functions that open them, by name.
    """

    openers: Mapping[str, Callable[[], Dataset]]
    opened: dict[str, Dataset] = field(default_factory=dict[str, Dataset], compare=False, repr=False)

    def __getitem__(self, name: str) -> Dataset:
        if name not in self.opened:
            self.opened[name] = self.openers[name]()
        return self.opened[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.openers)

    def __len__(self) -> int:
        return len(self.openers)


@dataclass(frozen=True)
class _RowCounts(Mapping[str, int]):
    """The rows of each split: those that the card names, or else counted when they are asked for."""

    splits: OpenSplits
    known: Mapping[str, int]

    def __getitem__(self, name: str) -> int:
        if name in self.known and name in self.splits:
            return self.known[name]
        ds = self.splits[name]
        return sum(batch.num_rows for batch in ds) if ds.num_rows is None else ds.num_rows

    def __iter__(self) -> Iterator[str]:
        return iter(self.splits)

    def __len__(self) -> int:
        return len(self.splits)


def make_builder(
    name: str,
    source: str,
    splits: OpenSplits,
    *,
    card: Card | None = None,
    class_names: Mapping[str, tuple[str, ...]] | None = None,
    rows: Mapping[str, int] | None = None,
) -> DatasetBuilder:
    """Make the builder of a folder.

    The label is the only column with class names, or else the column `label`, if there is one.

    Args:
        name: The name of the data set.
        source: The folder, or its place on the hub.
        splits: The splits.
        card: What its card says.
        class_names: The names of classes, by column.
        rows: The rows of splits, where they are known without reading.
    """
    card, names = card or Card(), class_names or {}
    schema = splits[next(iter(splits))].schema
    labels = [column for column in names if column in schema.names]
    label = labels[0] if len(labels) == 1 else "label" if "label" in schema.names else ""
    counts = _RowCounts(splits, rows or {})
    info = DatasetInfo(
        name=name,
        description=card.description,
        schema=schema,
        label=label,
        class_names=names.get(label, ()),
        sample_rows=counts,
        full_rows=counts,
        licence=card.licence,
        source=source,
        citation=card.citation,
    )
    return DatasetBuilder(info, sample=splits.__getitem__)
