"""Freed memory goes back to the system when it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from headrace._native import allocate_bytes
from headrace.parallel import return_freed_memory


def resident_kb() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_blocks_that_the_kernels_keep_are_returned() -> None:
    block = allocate_bytes(40 << 20)
    block[:] = 1
    del block
    kept = resident_kb()
    return_freed_memory()
    assert kept - resident_kb() > 30 << 10


def test_arrays_in_use_are_left_alone() -> None:
    used = allocate_bytes(1 << 20)
    used[:] = 7
    return_freed_memory()
    assert np.all(used == 7)
