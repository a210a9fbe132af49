"""Freed memory goes back to the system when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from headrace._native import allocate_bytes
from headrace.parallel import return_freed_memory

MEASURED = """
from pathlib import Path
from headrace._native import allocate_bytes
from headrace.parallel import return_freed_memory

def resident_mb():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) >> 10

before = resident_mb()
blocks = [allocate_bytes(40 << 20) for _ in range(4)]
for number in range(4):
    blocks[number][:] = 1
del blocks
print(resident_mb() - before)
other = allocate_bytes(100 << 20)  # which none of the blocks fits; its pages count when they are written
print(resident_mb() - before)
return_freed_memory()
print(resident_mb() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_kernels_keep_what_was_in_use_at_once_and_return_it() -> None:
    """In a fresh process: in this one, other tests may have filled what the kernels keep."""
    done = subprocess.run([sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True)
    kept, beside_another, returned = map(int, done.stdout.split())
    assert kept > 150
    assert 70 < beside_another < 100
    assert returned < 10


def test_arrays_in_use_are_left_alone() -> None:
    used = allocate_bytes(1 << 20)
    used[:] = 7
    return_freed_memory()
    assert np.all(used == 7)
