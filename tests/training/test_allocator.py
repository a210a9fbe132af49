"""Freed memory is reused between steps, and returned at the end."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

LARGE = """
import resource, sys
import torch
from contextlib import nullcontext
from headrace.training.allocator import reuse_freed_memory

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()

with reuse_freed_memory() if sys.argv[1] == "reused" else nullcontext():
    with reuse_freed_memory() if sys.argv[1] == "reused" else nullcontext():
        pass  # the end of the inner context must not end the outer one
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(60):
        torch.ones(16 << 20)
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults
    held = resident()
print(faults, held - resident())
"""


def run(how: str) -> tuple[int, int]:
    """Return the page faults of 60 successive blocks of 64 MB, and the bytes returned after them."""
    done = subprocess.run([sys.executable, "-c", LARGE, how], capture_output=True, text=True, check=True)
    faults, freed = map(int, done.stdout.split())
    return faults, freed


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"), reason="glibc's allocator alone")
def test_blocks_are_reused_and_returned_at_the_end() -> None:
    kept, freed = run("reused")
    fresh, _ = run("fresh")
    assert kept < fresh / 4
    assert freed > 64 << 20
