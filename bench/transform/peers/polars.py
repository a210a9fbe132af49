"""Polars: lazy frames in the streaming engine, with batches as the result."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import polars as pl

from bench.peer import PassResult, Peer
from bench.transform import table

col = pl.col


class Polars(Peer):
    workloads = table.TABLES

    def prepare(self, _action: str) -> None:
        assert pl.thread_pool_size() == len(os.sched_getaffinity(0))

    def run(self, _action: str) -> PassResult:
        rows = pl.scan_parquet(self.workload.path(self.directory))
        found = table.total(_batches(_applied(rows, *_statistics(rows))))
        return PassResult(self.workload.rows, lambda: found)


def _statistics(rows: pl.LazyFrame) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    parts = [
        col(table.STANDARDISED).mean().name.prefix("mean_"),
        col(table.STANDARDISED).std(ddof=0).name.prefix("deviation_"),
    ]
    parts += [col(table.SCALED).min().name.prefix("low_"), col(table.SCALED).max().name.prefix("high_")]
    parts += [
        col(name).quantile(place / table.BUCKETS).alias(f"cut{place}_{name}")
        for name in table.BUCKETIZED
        for place in range(1, table.BUCKETS)
    ]
    counted = [
        rows.group_by(col(name).alias("word"))
        .len()
        .sort(["len", "word"], descending=[True, False])
        .head(size)
        .with_row_index("id")
        .select("word", col("id").cast(pl.Int64))
        for name, size in table.VOCABULARIES.items()
    ]
    numbers, *words = pl.collect_all([rows.select(parts), *counted], engine="streaming")
    return numbers.row(0, named=True), dict(zip(table.VOCABULARIES, words, strict=True))


def _applied(rows: pl.LazyFrame, found: dict[str, Any], words: dict[str, pl.DataFrame]) -> pl.LazyFrame:
    parts = [
        ((col(name) - found[f"mean_{name}"]) / found[f"deviation_{name}"]).cast(pl.Float32)
        for name in table.STANDARDISED
    ]
    parts += [
        (col(name) - found[f"low_{name}"]) / (found[f"high_{name}"] - found[f"low_{name}"])
        for name in table.SCALED
    ]
    parts += [
        pl.sum_horizontal(
            (col(name) >= found[f"cut{place}_{name}"]).cast(pl.UInt8) for place in range(1, table.BUCKETS)
        )
        .cast(pl.Int64)
        .alias(name)
        for name in table.BUCKETIZED
    ]
    for name, size in table.VOCABULARIES.items():
        rows = rows.join(
            words[name].lazy().rename({"id": f"{name}_id"}), left_on=name, right_on="word", how="left"
        )
        parts.append(col(f"{name}_id").fill_null(size).alias(name))
    return rows.select(parts)


def _batches(frame: pl.LazyFrame) -> Iterator[Any]:
    for part in frame.collect_batches(engine="streaming", maintain_order=False):
        yield from part.to_arrow().to_batches()


PEER = Polars
