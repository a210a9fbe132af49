"""The bars: what our scores must reach, beside those of scikit-learn on the same rows."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Comparison", "count_close"]

_POINTS = 1.5  # of AUC that we may be behind the better of both peers
_SHARE = 5.0  # per cent of RMSE


@dataclass(frozen=True)
class Comparison:
    """The scores of a table over the seeds.

    Attributes:
        name: The table.
        is_number: RMSE, of which less is better, instead of AUC.
        scores: Per seed, those of "ours", "linear" and "boosting".
    """

    name: str
    is_number: bool
    scores: Sequence[dict[str, float]]

    def mean(self, who: str) -> float:
        """The mean score."""
        return statistics.fmean(each[who] for each in self.scores)

    def differences(self, whom: str) -> list[float]:
        """How much better we are than a peer, per seed: points of AUC, or per cent of its RMSE."""
        if self.is_number:
            return [100 * (1 - each["ours"] / each[whom]) for each in self.scores]
        return [100 * (each["ours"] - each[whom]) for each in self.scores]

    @property
    def better(self) -> str:
        """The peer with the better mean."""
        least = min if self.is_number else max
        return least(("linear", "boosting"), key=self.mean)

    @property
    def holds_against_linear(self) -> bool:
        """Whether we are at most one standard error of the mean difference behind the linear model."""
        found = self.differences("linear")
        return statistics.fmean(found) >= -_standard_error(found)

    @property
    def is_close_to_better(self) -> bool:
        """Whether the mean difference to the better peer is within the bar."""
        return statistics.fmean(self.differences(self.better)) >= -(_SHARE if self.is_number else _POINTS)

    def describe(self, whom: str) -> str:
        """The mean difference to a peer and its standard error."""
        found = self.differences(whom)
        unit = "%" if self.is_number else "pt"
        return f"{statistics.fmean(found):+.2f} ± {_standard_error(found):.2f} {unit}"


def _standard_error(values: Sequence[float]) -> float:
    return statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def count_close(comparisons: Sequence[Comparison]) -> tuple[int, int]:
    """Count the tables that are close to the better peer, and the least number that have to be: 5 of 8."""
    return sum(each.is_close_to_better for each in comparisons), math.ceil(5 / 8 * len(comparisons))
