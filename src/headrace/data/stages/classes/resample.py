"""Resample rows to target shares of classes by rejection."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from headrace.data.pipeline import Cursor, RowEffect, Stage, Step, Steps, Upstream
from headrace.data.plan.steps import unpack_cursor
from headrace.data.stages.classes.class_values import ClassReader, CountStore
from headrace.errors import UsageError
from headrace.random_order import shuffle_source

_PURPOSE = 0x7E5A  # makes the draws independent of those of a shuffle, or of the user, with the same seed


@dataclass(frozen=True)
class Resample(Stage):
    """Keep rows at random, so that classes have the shares of `target`.

    A row of class c is kept with a probability proportional to target[c] / initial[c], the largest of which
    is 1, so that as many rows as possible remain. Rows of classes without a target are dropped. Without
    `initial`, the rows of each class are counted in one pass before the first batch. Which rows are kept is a
    function of `seed`, the epoch and the number of the row: later epochs keep other rows.

    The scheme of `tf.data.Dataset.rejection_resample`, without its estimate that changes on the way.
    """

    varies: ClassVar[bool] = True
    sees_all: ClassVar[bool] = True

    classes: ClassReader
    target: tuple[tuple[Any, float], ...]
    initial: tuple[tuple[Any, float], ...] | None
    seed: int
    counts: CountStore = field(default_factory=CountStore, compare=False, repr=False)

    @property
    def spec(self) -> str:
        """All fields, which determine the rows."""
        initial = "" if self.initial is None else f", initial={dict(self.initial)}"
        return f"resample({self.classes.name}, {dict(self.target)}{initial}, seed={self.seed})"

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
        """Rows are dropped."""
        return "fewer"

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the kept rows in order; batches without any are skipped.

        A cursor is that of the input, and the number of rows that have been read.

        Raises:
            SchemaError: The column does not exist.
            UsageError: No row has one of the target classes.
        """
        start, read = unpack_cursor(cursor, None, 0)
        kept = self._choose_probabilities(upstream)
        random = shuffle_source(self.seed, epoch, _PURPOSE)
        random.advance(read)
        with closing(upstream(epoch, start)) as steps:
            for step in steps:
                read += step.batch.num_rows
                draws = (random.random_raw(step.batch.num_rows) >> np.uint64(11)) * 2.0**-53
                mask = draws < self.classes.look_up(step.batch, kept, 0)
                batch = step.batch.filter(pa.array(mask))
                if batch.num_rows:
                    yield Step(batch, [step.cursor, read])

    def _choose_probabilities(self, upstream: Upstream) -> dict[Any, float]:
        counts = self.counts.get(self.classes, upstream) if self.initial is None else dict(self.initial)
        total = sum(counts.values())
        missing = next((each for each, _ in self.target if not counts.get(each)), None)
        if missing is not None and total:
            known = ", ".join(repr(each) for each in list(counts)[:12])
            raise UsageError(f"no row is of class {missing!r}", hint=f"choose among the classes {known}")
        odds = {each: share * total / counts[each] for each, share in self.target if total}
        return {each: value / max(odds.values()) for each, value in odds.items()}

    def count_rows(self, rows: int | None) -> None:  # noqa: ARG002
        """Return None: the number is unknown before reading."""
        return
