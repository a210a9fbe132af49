"""Several datasets as one source."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from headrace.cached_property import cached_property
from headrace.data.combinations.feed import Feed
from headrace.data.fingerprint import fingerprint, rows_cache_key
from headrace.data.pipeline import Cursor, Source, Stage, Steps
from headrace.data.plan import without_readers
from headrace.data.planner import Pipeline, find_schema
from headrace.errors import SchemaError
from headrace.suggestions import list_names

__all__ = ["Combination", "Input"]


@dataclass(frozen=True)
class Input:
    """One of the datasets that are combined.

    Attributes:
        source: Where the rows come from.
        stages: The stages applied to them, in order.
    """

    source: Source
    stages: tuple[Stage, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the fields: a plan is made, and files are opened, in the process that reads."""
        return {"source": without_readers(self.source), "stages": self.stages}

    @cached_property
    def pipeline(self) -> Pipeline:
        """The source and the stages, connected."""
        return Pipeline(self.source, self.stages)

    @cached_property
    def schema(self) -> pa.Schema:
        """The schema after the stages."""
        return find_schema(self.source, self.stages)

    @property
    def num_rows(self) -> int | None:
        """The number of rows after the stages, if it is known."""
        rows = self.source.num_rows
        for stage in self.stages:
            rows = stage.count_rows(rows)
        return rows


@dataclass(frozen=True)
class Combination(ABC):
    """A source made of datasets; each epoch combines that epoch of each.

    Attributes:
        inputs: The datasets.
    """

    inputs: tuple[Input, ...]

    @property
    @abstractmethod
    def spec(self) -> str:
        """How the datasets are combined."""

    @property
    @abstractmethod
    def num_rows(self) -> int | None:
        """The number of rows, if it is known."""

    @abstractmethod
    def stream(self, epoch: int, cursor: Cursor = None) -> Steps:
        """Open the rows of an epoch at a cursor."""

    @cached_property
    def schema(self) -> pa.Schema:
        """The schema that all datasets have.

        Raises:
            SchemaError: A dataset has another schema than the first.
        """
        first = self.inputs[0].schema
        for number, each in enumerate(self.inputs[1:], 1):
            if not each.schema.equals(first):
                raise SchemaError(
                    f"expected the columns of the first dataset, {_describe(first)}, "
                    f"got {_describe(each.schema)} in dataset {number}",
                    hint="give all datasets the same columns and types, by select or map",
                )
        return first

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read epoch 0."""
        with closing(self.stream(0)) as steps:
            for step in steps:
                yield step.batch

    @property
    def fingerprint(self) -> str:
        """A digest of the data and the stages of all datasets."""
        parts: list[str] = [self.spec]
        for each in self.inputs:
            identity = each.pipeline.identify()
            parts += [identity.source, identity.pipeline, identity.functions]
        return fingerprint(*parts)

    @property
    def cache_key(self) -> str | None:
        """A digest that changes whenever a dataset may have changed; None if that cannot be known."""
        keys = [rows_cache_key(each.source, each.stages) for each in self.inputs]
        known = [key for key in keys if key is not None]
        return fingerprint(self.spec, *known) if len(known) == len(keys) else None

    @contextmanager
    def _open_feeds(self, epoch: int, cursors: Sequence[Cursor]) -> Generator[list[Feed]]:
        with ExitStack() as stack:
            yield [
                stack.enter_context(closing(Feed(each.pipeline.stream, epoch, cursor)))
                for each, cursor in zip(self.inputs, cursors, strict=True)
            ]

    def _sum_rows(self) -> int | None:
        counts: list[Any] = [each.num_rows for each in self.inputs]
        return None if None in counts else sum(counts)


def _describe(schema: pa.Schema) -> str:
    return list_names(f"{field.name}: {field.type}" for field in schema)
