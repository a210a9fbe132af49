"""Analyzes and transforms a million rows, and ten, and says how much memory that took.

python -m bench.transform.memory
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.contest import Event, contest, run_once
from bench.transform.table import TABLES

_MOST = 1.25  # times the memory of a tenth of the rows: what an allocator keeps varies


def _peak(workload: str, directory: Path) -> float:
    """Megabytes, in a process that makes one pass."""
    event = Event("transform", workload, directory, 2)
    run_once(event, "headrace", "write")
    (result,) = contest(event, ["headrace"], "table", rounds=1)
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
