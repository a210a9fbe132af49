"""Who competes in what, and by how much we should be ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["CONTESTS", "SLOW", "Contest"]

SLOW = frozenset({"tftransform"})  # peers that make one pass, their start counted


@dataclass(frozen=True)
class Contest:
    """One comparison.

    Attributes:
        title: What is done.
        action: What the sides are asked to do.
        workload: With which data.
        unit: What the rate counts.
        bars: Peer to how many times its rate ours should be.
        tolerance: How far answers may be apart, relative.
    """

    title: str
    action: str
    workload: str
    unit: str
    bars: Mapping[str, float]
    tolerance: Mapping[str, float] = field(default_factory=dict[str, float])


_BUCKETS = {"age": 2e-3, "visits": 2e-3}  # boundaries are approximate but for Polars, which is exact
# TF Transform has float32 only; its boundaries are approximate, too.
_FLOAT32 = {"age": 5e-3, "visits": 5e-3, "latitude": 1e-3, "longitude": 1e-3}
CONTESTS = {
    "ids": Contest(
        "lower, strip punctuation, split, look up in 20,000", "ids", "texts", "tokens", {"tensorflow": 3}
    ),
    "vocabulary": Contest(
        "the 20,000 most frequent words", "vocabulary", "texts", "tokens", {"tensorflow": 5}
    ),
    "tfidf": Contest(
        "those and in how many texts they are",
        "tfidf",
        "documents",
        "tokens",
        {"tensorflow": 50},
        {"idf": 1e-5},
    ),
    "table": Contest(
        "analyze and transform 10 columns", "table", "table", "rows", {"polars": 1, "duckdb": 1}, _BUCKETS
    ),
    "beam": Contest(
        "the same on Beam's direct runner", "table", "table", "rows", {"tftransform": 20}, _FLOAT32
    ),
}
