"""Measure what fraction of a full analysis an additional shard costs with a cache.

python -m bench.transform.cache
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.parquet as pq

import headrace as hr
from bench.transform.table import BUCKETIZED, BUCKETS, SCALED, STANDARDISED, VOCABULARIES, batch_of

_ADDED_SHARDS = 5


def _preprocess(inputs):
    t = hr.transform
    return {
        **{name: t.scale_to_z_score(inputs[name]) for name in STANDARDISED},
        **{name: t.scale_to_0_1(inputs[name]) for name in SCALED},
        **{name: t.bucketize(inputs[name], BUCKETS) for name in BUCKETIZED},
        **{name: t.compute_and_apply_vocabulary(inputs[name], top_k=k) for name, k in VOCABULARIES.items()},
    }


def _write(folder: Path, number: int, rows: int) -> None:
    table = pa.Table.from_batches([batch_of(number * rows, rows)])
    pq.write_table(table, folder / f"{number:05}.parquet")


def _seconds(folder: Path, cache: Path | None) -> float:
    start = time.perf_counter()
    hr.transform.analyze(_preprocess, hr.Dataset.from_parquet(str(folder / "*.parquet")), cache_dir=cache)
    return time.perf_counter() - start


def _add_shard(folder: Path, cache: Path, number: int, rows: int) -> float:
    _write(folder, number, rows)
    return _seconds(folder, cache)


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.transform.cache")
    parser.add_argument("--shards", type=int, default=100)
    parser.add_argument("--rows", type=int, default=1_000_000, help="number of rows per shard")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as directory:
        folder, cache = Path(directory) / "data", Path(directory) / "cache"
        folder.mkdir()
        for number in range(options.shards):
            _write(folder, number, options.rows)
        full = _seconds(folder, None)
        first, again = _seconds(folder, cache), _seconds(folder, cache)
        added = [
            _add_shard(folder, cache, options.shards + number, options.rows)
            for number in range(_ADDED_SHARDS)
        ]
        size = sum(path.stat().st_size for path in cache.rglob("*.state"))
    print(f"{options.shards} shards of {options.rows:,} rows")
    print(f"without a cache      {full:8.2f} s")
    print(f"first analysis       {first:8.2f} s, {size / 1e6:.0f} MB of states at the end")
    print(f"no new shard         {again:8.2f} s, {again / full:.1%}: reading and merging the states")
    fractions = ", ".join(f"{each / full:.1%}" for each in sorted(added))
    middle = median(added)
    print(
        f"one new shard        {middle:8.2f} s, {middle / full:.1%}, median of {_ADDED_SHARDS}: {fractions}"
    )


if __name__ == "__main__":
    main()
