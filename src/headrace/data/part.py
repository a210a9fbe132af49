"""One part of a dataset: a file, or a slice of rows in memory, with the stages applied to it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pyarrow as pa

from headrace.data.fingerprint import rows_cache_key
from headrace.data.pipeline import PartSource, Stage
from headrace.data.planner import Pipeline
from headrace.source_line import warn_user

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
    def num_rows(self) -> int | None:
        """The number of rows, or None if it is unknown before reading."""
        rows = self.source.num_rows
        for stage in self.stages:
            rows = stage.count_rows(rows)
        return rows

    @property
    def fingerprint(self) -> str:
        """A digest that changes whenever the rows may have changed; equal in every process of this machine.

        Caches of statistics rely on it. See `file_stamp` for what identifies a file, and
        `function_identity` for what identifies a user's function. If what a function does cannot be known,
        the digest is never the same again.

        Raises:
            UsageError: The file no longer exists.
        """
        key = rows_cache_key(self.source, self.stages)
        if key is None:
            unknown = [f"{stage.spec} ({each})" for stage in self.stages for each in stage.unknown]
            what = f"nothing is reused from a cache, as the result may change unnoticed: {', '.join(unknown)}"
            warn_user(what, RuntimeWarning)
        return secrets.token_hex(16) if key is None else key

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        with closing(Pipeline(self.source, self.stages).stream(0)) as steps:
            for step in steps:
                yield step.batch
