"""Weigh rows by their class."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from headrace.data.pipeline import Cursor, RowEffect, Stage, Step, Steps, Upstream
from headrace.data.stages.classes.class_values import ClassReader, CountStore
from headrace.data.stages.columns.add_columns import add_columns
from headrace.errors import UsageError


@dataclass(frozen=True)
class Weigh(Stage):
    """Add a float32 column, `name`, with the weight of each row's class.

    Without `weight`, classes are balanced: the weight is rows / (classes x rows of the class), which is
    scikit-learn's `class_weight="balanced"`; the average weight of the rows is 1. The rows of each class are
    counted in one pass before the first batch.
    """

    sees_all: ClassVar[bool] = True

    classes: ClassReader
    weight: tuple[tuple[Any, float], ...] | None
    name: str
    counts: CountStore = field(default_factory=CountStore, compare=False, repr=False)

    @property
    def spec(self) -> str:
        """All fields, which determine the weights."""
        weight = "'balanced'" if self.weight is None else dict(self.weight)
        return f"weights({self.classes.name}, {weight}, name={self.name!r})"

    @property
    def identity(self) -> str:
        """The spec, and what the function does; see `function_identity`."""
        return self.spec if not self.classes.digest else f"{self.spec}: {self.classes.digest}"

    @property
    def unknown(self) -> tuple[str, ...]:
        """What the function's result may depend on, but cannot be known."""
        return self.classes.unknown

    @property
    def row_effect(self) -> RowEffect:
        """Rows keep their places; balanced weights depend on the set of rows, but not on their order."""
        return "fewer" if self.weight is None else "same"

    @property
    def per_part(self) -> tuple[Stage, ...] | None:
        """The stage itself, unless the rows of all parts must be counted."""
        return None if self.weight is None else (self,)

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the batches with the weights.

        Raises:
            SchemaError: The column of classes does not exist, or one of the name of the weights does.
            UsageError: A class has no weight.
        """
        weights = self._choose_weights(upstream)
        with closing(upstream(epoch, cursor)) as steps:
            for step in steps:
                yield Step(self._add(step.batch, self._weigh(step.batch, weights)), step.cursor)

    def _choose_weights(self, upstream: Upstream) -> dict[Any, float]:
        if self.weight is not None:
            return dict(self.weight)
        counts = self.counts.get(self.classes, upstream)
        rows = sum(counts.values())
        return {each: rows / (len(counts) * count) for each, count in counts.items()}

    def _weigh(self, batch: pa.RecordBatch, weights: dict[Any, float]) -> np.ndarray:
        values = self.classes.look_up(batch, weights, np.nan)
        if np.isnan(values).any():
            codes, classes = self.classes.read(batch)
            unknown = classes[codes[int(np.argmax(np.isnan(values)))]]
            raise UsageError(f"class {unknown!r} has no weight", hint="name the weight of every class")
        return values

    def _add(self, batch: pa.RecordBatch, values: np.ndarray) -> pa.RecordBatch:
        return add_columns(batch, {self.name: pa.array(values.astype(np.float32))})

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Add weights of 1."""
        return self._add(batch, np.ones(batch.num_rows))
