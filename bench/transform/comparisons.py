"""The comparisons, their peers, and the target speedups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["COMPARISONS", "SLOW", "Comparison"]

SLOW = frozenset({"tftransform"})  # peers that make a single pass, startup included


@dataclass(frozen=True)
class Comparison:
    """One comparison.

    Attributes:
        title: Description of the action.
        action: The action that peers run.
        workload: The workload's name.
        unit: The unit of the rate.
        targets: Target speedup over each peer.
        tolerance: Relative tolerance of each check.
    """

    title: str
    action: str
    workload: str
    unit: str
    targets: Mapping[str, float]
    tolerance: Mapping[str, float] = field(default_factory=dict[str, float])


_BUCKETS = {"age": 2e-3, "visits": 2e-3}  # boundaries are approximate, except in Polars
# TF Transform supports float32 only; its boundaries are approximate, too.
_FLOAT32 = {"age": 5e-3, "visits": 5e-3, "latitude": 1e-3, "longitude": 1e-3}
COMPARISONS = {
    "ids": Comparison(
        "lower, strip punctuation, split, look up in 20,000", "ids", "texts", "tokens", {"tensorflow": 3}
    ),
    "vocabulary": Comparison(
        "the 20,000 most frequent words", "vocabulary", "texts", "tokens", {"tensorflow": 5}
    ),
    "tfidf": Comparison(
        "the same words and their document frequencies",
        "tfidf",
        "documents",
        "tokens",
        {"tensorflow": 50},
        {"idf": 1e-5},
    ),
    "table": Comparison(
        "analyze and transform 10 columns", "table", "table", "rows", {"polars": 1, "duckdb": 1}, _BUCKETS
    ),
    "beam": Comparison(
        "the same on Beam's direct runner", "table", "table", "rows", {"tftransform": 20}, _FLOAT32
    ),
}
