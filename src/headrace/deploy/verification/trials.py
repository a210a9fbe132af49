"""Trials: a few rows in odd batches and in every way of feeding."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.deploy.verification.compare import Comparison, compare
from headrace.deploy.verification.differences import find_differences
from headrace.deploy.verification.feeding import FILES, TABLES, CannotCarryError, feed_file, feed_table
from headrace.deploy.verification.odd_batches import OddBatch
from headrace.deploy.verification.scales import Scales
from headrace.deploy.verification.training_path import TrainingPath
from headrace.deploy.verification.verdict import Difference, Trial
from headrace.errors import HeadraceError, UsageError
from headrace.heads import Head
from headrace.serving import Predictor

__all__ = ["Trials"]

_UNDEFINED = "the training path answers NaN or infinity, and ONNX Runtime something else; fill missing values"
_IN_FILES = ("1 row", "1 row, all missing")

Outputs = dict[str, NDArray[Any]]


@dataclass
class Trials:
    """Tries odd batches, and keeps what came of each.

    Attributes:
        path: Computes what is expected.
        predictor: The deployed model.
        scales: The scales of the outputs.
        results: The trials so far.
        differences: The first rows of each trial whose answers differ.
    """

    path: TrainingPath
    predictor: Predictor
    scales: Scales
    results: list[Trial] = field(default_factory=list[Trial])
    differences: list[Difference] = field(default_factory=list[Difference])

    def run(self, batches: Iterable[OddBatch]) -> None:
        """Try batches as every kind of table, and a few of them as every kind of file."""
        answered: list[tuple[OddBatch, Outputs]] = []
        for odd in batches:
            outputs = self._try_batch(odd)
            if outputs is None:
                continue
            answered.append((odd, outputs))
            for way in TABLES:
                self._try(way, odd, outputs, None, lambda way=way, odd=odd: self._feed_table(way, odd))
        for odd, outputs in answered:
            if odd.name in _IN_FILES:
                self._try_files(odd, outputs)
        together = _join([odd for odd, _ in answered])
        if together is not None:
            self._try_files(together, self.predictor.run(together.batch))

    def _try_batch(self, odd: OddBatch) -> Outputs | None:
        """Compare the deployed model with the training path; return its outputs if they are right."""
        expected = odd.outputs
        if odd.batch.num_rows:
            expected = self._try(
                "PyTorch", odd, odd.outputs, self.path.head, lambda: self.path.compute(odd.batch)
            )
        if expected is None:
            return None
        return self._try("Arrow", odd, expected, self.path.head, lambda: self.predictor.run(odd.batch))

    def _try_files(self, odd: OddBatch, expected: Outputs) -> None:
        for way in FILES:
            self._try(way, odd, expected, None, lambda way=way: self._feed_file(way, odd))

    def _feed_table(self, way: str, odd: OddBatch) -> Outputs:
        return feed_table(self.predictor, way, odd.batch)

    def _feed_file(self, way: str, odd: OddBatch) -> Outputs:
        with TemporaryDirectory(prefix="headrace-verify-") as folder:
            return feed_file(self.predictor, way, odd.batch, folder)

    def _try(
        self,
        way: str,
        odd: OddBatch,
        expected: Outputs | None,
        head: Head | None,
        feed: Callable[[], Outputs],
    ) -> Outputs | None:
        """Compare what `feed` returns, keep a trial, and return the outputs if they are right."""
        try:
            found = feed()
        except CannotCarryError as error:
            self._keep(way, odd, "skipped", str(error))
        except HeadraceError as error:
            self._keep(way, odd, _classify(way, odd, error), str(error))
        except Exception as error:  # of a model or of a library: a result like others
            self._keep(way, odd, "failed", f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
        else:
            if expected is None or self._compare(way, odd, expected, found, head):
                return found
        return None

    def _compare(self, way: str, odd: OddBatch, expected: Outputs, found: Outputs, head: Head | None) -> bool:
        """Compare outputs and keep a trial; return whether they are right."""
        try:
            wrong = [each for each in compare(expected, found, head, self.scales) if len(each.rows)]
        except HeadraceError as error:  # other shapes
            self._keep(way, odd, "differs", str(error))
            return False
        if not wrong:
            self._keep(way, odd, "equal", None)
            return True
        if odd.numbers is None and _are_undefined(wrong, expected):
            self._keep(way, odd, "undefined", _UNDEFINED)
            return False
        self._keep(way, odd, "differs", _explain(way, wrong))
        feeding = f"{way}, {odd.name}"
        self.differences += find_differences(feeding, odd.batch, odd.numbers, wrong, expected, found)
        return False

    def _keep(self, way: str, odd: OddBatch, outcome: str, reason: str | None) -> None:
        self.results.append(Trial(way, odd.name, outcome, reason))


def _classify(way: str, odd: OddBatch, error: HeadraceError) -> str:
    """Tell rows that are refused, with the reason, from models that fail."""
    if way == "PyTorch":
        return "skipped" if odd.numbers is None else "failed"
    is_explained = isinstance(error, UsageError) or error.feature is not None
    return "refused" if is_explained and (way != "Arrow" or odd.numbers is None) else "failed"


def _are_undefined(wrong: list[Comparison], expected: Outputs) -> bool:
    """Return whether all rows that differ have an answer that is not finite in the training path."""
    floats = [value for value in expected.values() if value.dtype.kind == "f"]
    rows = np.unique(np.concatenate([each.rows for each in wrong]))
    defined = [np.isfinite(value[rows]).all(axis=tuple(range(1, value.ndim))) for value in floats]
    return bool(defined) and not np.all(defined, axis=0).any()


def _explain(way: str, wrong: list[Comparison]) -> str:
    if way == "PyTorch":
        return "in PyTorch itself, the answer for a row depends on the rows that it is in a batch with"
    checks = [each.check for each in wrong]
    return "; ".join(
        f"{each.output}: {each.mismatches:,} of {each.values:,} values differ" for each in checks
    )


def _join(batches: list[OddBatch]) -> OddBatch | None:
    """Join the batches that have rows."""
    parts = [odd.batch for odd in batches if odd.batch.num_rows]
    if not parts:
        return None
    whole = pa.concat_batches(parts)
    return OddBatch(f"{whole.num_rows} rows", whole)
