"""Pipelines in pipelines, each with threads, do not wait for each other's locks."""

import subprocess
import sys

import pytest

COMBINED = """
import numpy as np
from headrace.data import Dataset

def same(batch):
    return batch

ds = Dataset.from_arrays({"x": np.arange(10)})
for _ in range(4):
    ds = Dataset.concatenate([ds.map(same), ds.cache().shuffle(1)]).map(same).prefetch()
print(ds.schema.names, sum(batch.num_rows for batch in ds))
"""
GENERATED = """
from headrace.data import Dataset

ds = Dataset.from_generator(lambda: ({"x": n} for n in range(160)))
for _ in range(3):
    ds = Dataset.from_generator(lambda ds=ds: (row for batch in ds.prefetch() for row in batch.to_pylist()))
print(ds.schema.names, sum(batch.num_rows for batch in ds))
"""


@pytest.mark.parametrize("program", [COMBINED, GENERATED], ids=["combined", "generated"])
def test_nested_pipelines_end(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=1200, check=False
    )
    assert done.stderr == ""
    assert done.stdout == "['x'] 160\n"
