"""Measure the first batch of a training on files, and the memory that an epoch adds to its process."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import torch

from bench.images.training import open_files
from bench.images.workloads import WORKLOADS

__all__ = ["print_first_batch"]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _measure(name: str, root: Path) -> None:
    """Print, as JSON, what the first batch of tensors and the batches of an epoch take."""
    batches = open_files(WORKLOADS[name], root).to_torch()
    torch.zeros(1)
    before, began, busy = _peak_mb(), time.perf_counter(), time.process_time()
    iterator = iter(batches)
    rows = sum(len(batch["label"]) for batch in islice(iterator, 1))
    found = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - busy, "rows": rows}
    for _ in iterator:
        pass
    print(json.dumps({**found, "added_mb": _peak_mb() - before}))


def print_first_batch(name: str, root: Path, rounds: int) -> None:
    """Print the time to the first batch, and the memory that an epoch adds; the best round counts."""
    command = [sys.executable, "-m", "bench.images.first_batch", name, str(root)]
    found = [
        json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
        for _ in range(rounds)
    ]
    seconds, cpu, added = (min(each[key] for each in found) for key in ("seconds", "cpu_seconds", "added_mb"))
    print(
        f"first batch    {WORKLOADS[name].side} pixels: {seconds:6.2f} s, {cpu:.2f} s of CPU, "
        f"{found[0]['rows']} rows; an epoch adds {added:.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    _measure(sys.argv[1], Path(sys.argv[2]))
