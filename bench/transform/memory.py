"""Measure the peak memory of analyzing and transforming one and ten million rows.

python -m bench.transform.memory
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.compare import Benchmark, compare, run_once
from bench.transform.table import TABLES

_MOST = 1.25  # times the memory of a tenth of the rows; memory that the allocator keeps varies


def _peak(workload: str, directory: Path) -> float:
    """Return the peak memory in megabytes of a process that makes one pass."""
    benchmark = Benchmark("transform", workload, directory, 2)
    run_once(benchmark, "headrace", "write")
    (result,) = compare(benchmark, ["headrace"], "table", rounds=1)
    print(
        f"{TABLES[workload].rows:>10,} rows: {result.seconds:.1f} s, peak {result.peak_mb:.0f} MB", flush=True
    )
    return result.peak_mb


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as directory:
        few, many = (_peak(workload, Path(directory)) for workload in ("million", "table"))
    if many > _MOST * few:
        raise SystemExit(f"ten times the rows took {many / few:.2f} times the memory ({_MOST} allowed)")


if __name__ == "__main__":
    main()
