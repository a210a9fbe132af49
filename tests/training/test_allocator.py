"""Memory is kept between steps, and given back."""

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

with reuse_freed_memory() if sys.argv[1] == "kept" else nullcontext():
    with reuse_freed_memory() if sys.argv[1] == "kept" else nullcontext():
        pass  # the inner one's end is not the outer one's
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(60):
        torch.ones(16 << 20)
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults
    held = resident()
print(faults, held - resident())
"""


def run(how: str) -> tuple[int, int]:
    """Page faults of 60 blocks of 64 MB, one after the other, and the bytes given back after them."""
    done = subprocess.run([sys.executable, "-c", LARGE, how], capture_output=True, text=True, check=True)
    faults, freed = map(int, done.stdout.split())
    return faults, freed


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"), reason="glibc's allocator alone")
def test_blocks_are_used_again_and_given_back_at_the_end() -> None:
    kept, freed = run("kept")
    fresh, _ = run("fresh")
    assert kept < fresh / 4
    assert freed > 64 << 20
