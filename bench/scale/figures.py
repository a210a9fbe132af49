"""The figures, their sizes and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

__all__ = ["FIGURES", "Figure"]


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        title: What is measured.
        size: How many columns, keys, files, labels or steps it has.
        seconds: The most CPU seconds of a pass; None for no limit.
        ratios: The most CPU seconds, as a multiple of those of another peer or of another action; infinite
            for no limit. The action "half" is the same with half the size, which shows how the time grows.
        rows: The number of rows of the data.
    """

    title: str
    size: int
    seconds: float | None = None
    ratios: Mapping[str, float] = field(default_factory=dict[str, float])
    rows: int = 0


_LINEAR = 3.0  # twice the columns take twice as long, and a little more: the caches of a CPU are small

FIGURES = {
    "plan": Figure("plan and explain 4,000 columns", 4000, 1.0),
    "plot": Figure("draw the plan of 1,000 columns", 1000, 10.0),
    "sums": Figure("analyze, pickle and save 400 sums, and convert them to ONNX", 400),
    "clips": Figure("analyze and save nine rounds of clipping", 9),
    "labels": Figure("a vocabulary of 20,000 words by 1,000 labels", 1000, rows=500_000),
    "z_per_key": Figure(
        "z-scores per key, 100,000 keys", 100_000, ratios={"duckdb": 3.0, "polars": inf}, rows=2_000_000
    ),
    "buckets_per_key": Figure(
        "ten buckets per key, 2,000 keys", 2000, ratios={"duckdb": 3.0}, rows=2_000_000
    ),
    "gaussian_per_key": Figure("Gaussians per key, 500,000 keys", 500_000, 10.0, rows=1_000_000),
    "cache": Figure("analyze 2,000 files with a cold cache", 2000, ratios={"no cache": 1.3}, rows=400_000),
    "spark": Figure("analyze 1,000 files on Spark, two CPUs", 1000, 5.0, rows=200_000),
    "parquet": Figure(
        "read a Parquet file of 20,000 columns", 20_000, ratios={"half": _LINEAR, "polars": inf}
    ),
    "csv": Figure("read a CSV file of 100,000 columns", 100_000, ratios={"half": _LINEAR, "polars": inf}),
    "onnx": Figure("convert 4,000 columns to ONNX", 4000, ratios={"half": _LINEAR}),
    "verify": Figure("verify a model of 2,000 columns", 2000, ratios={"half": _LINEAR}),
}
