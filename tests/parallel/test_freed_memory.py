"""Freed memory goes back to the system when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from headrace._native import allocate_bytes
from headrace.parallel import return_freed_memory

RETURNED = """
from pathlib import Path
from headrace._native import allocate_bytes
from headrace.parallel import return_freed_memory

def resident_kb():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))

block = allocate_bytes(40 << 20)
block[:] = 1
del block
kept = resident_kb()
return_freed_memory()
print(kept - resident_kb())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_blocks_that_the_kernels_keep_are_returned() -> None:
    """In a fresh process: in this one, other tests may have filled what the kernels keep."""
    done = subprocess.run([sys.executable, "-c", RETURNED], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 30 << 10


def test_arrays_in_use_are_left_alone() -> None:
    used = allocate_bytes(1 << 20)
    used[:] = 7
    return_freed_memory()
    assert np.all(used == 7)
