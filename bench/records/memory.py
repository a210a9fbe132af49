"""Measure the peak memory of reading 8 GB of records.

    python -m bench.records.memory [--gigabytes 8]

Records of a few hundred bytes and of 100 KB, at the default batch size. The files go to the temporary
directory and are deleted at the end.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.environments import ROOT
from bench.records.workloads import WORKLOADS

_LIMIT_MB = 300


def _make(workload: str, directory: Path, size: int) -> None:
    """Write copies of a shard until the files have `size` bytes."""
    from bench.records.peers.headrace import Headrace

    peer = Headrace(workload, directory, cpus=2)
    peer.load(peer.workload.columns(peer.rows))
    peer.write()
    shards = sorted(peer.target().parent.glob(f"{workload}-*.tfrecord"))
    written = sum(shard.stat().st_size for shard in shards)
    copies = 0
    while written < size:
        written += (
            shutil.copyfile(shards[0], shards[0].with_name(f"{workload}-copy-{copies}.tfrecord"))
            .stat()
            .st_size
        )
        copies += 1


def _read(workload: str, directory: str) -> None:
    from headrace import records

    files = sorted(str(path) for path in Path(directory).glob(f"headrace/{workload}-*.tfrecord"))
    schema = records.infer_schema(files[:1])
    start = time.perf_counter()
    rows = sum(batch.num_rows for batch in records.read(files, schema))
    seconds = time.perf_counter() - start
    size = sum(Path(file).stat().st_size for file in files)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rate = size / seconds / 1e9
    print(f"{workload}: {rows:,} records, {size / 1e9:.1f} GB in {seconds:.1f} s ({rate:.2f} GB/s)")
    print(f"{workload}: peak {peak:.0f} MB of the {_LIMIT_MB} allowed")
    if peak > _LIMIT_MB:
        raise SystemExit(1)


def _run(workload: str, gigabytes: float) -> bool:
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as directory:
        size = int(gigabytes * 1e9)
        if shutil.disk_usage(directory).free < size + 2e9:
            raise SystemExit(f"{directory} has less than {gigabytes} GB of free space")
        # Separate processes, so that the memory of writing does not count: children do not inherit the peak.
        for step in ("--make", "--read"):
            command = [sys.executable, "-m", __spec__.name, step, directory, "--workloads", workload]
            done = subprocess.run([*command, "--gigabytes", str(gigabytes)], cwd=ROOT)
        return done.returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=8)
    parser.add_argument("--workloads", nargs="+", default=["images", "payloads"], choices=list(WORKLOADS))
    parser.add_argument("--make", help=argparse.SUPPRESS)
    parser.add_argument("--read", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        _make(options.workloads[0], Path(options.make), int(options.gigabytes * 1e9))
    elif options.read:
        _read(options.workloads[0], options.read)
    elif not all(_run(workload, options.gigabytes) for workload in options.workloads):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
