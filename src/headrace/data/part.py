"""One part of a dataset: a file, or a slice of rows in memory, with the stages applied to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pyarrow as pa

from headrace.data.fingerprint import fingerprint
from headrace.data.pipeline import PartSource, Stage
from headrace.data.planner import Pipeline

__all__ = ["DatasetPart"]


@dataclass(frozen=True)
class DatasetPart:
    """Rows that can be read without the rest of the dataset, in another process too.

    Attributes:
        source: Where the rows come from.
        stages: The stages applied to them, in order.
    """

    source: PartSource
    stages: tuple[Stage, ...] = ()

    @property
    def fingerprint(self) -> str:
        """A digest that changes only if the file, the schema or a stage changes; equal in every process.

        A file is identified by its path, size and modification time; see `function_identity` for what
        identifies a user's function.

        Raises:
            UsageError: The file no longer exists.
        """
        return fingerprint(self.source.fingerprint, *(stage.identity for stage in self.stages))

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        with closing(Pipeline(self.source, self.stages).stream(0)) as steps:
            for step in steps:
                yield step.batch
