"""Bytes that Arrow's threads read belong to Arrow."""

import pyarrow as pa

from headrace.parallel import copy_to_arrow


def test_the_copy_lies_in_memory_that_arrow_allocated() -> None:
    before = pa.total_allocated_bytes()
    copy = copy_to_arrow(b"a,b\n" * 1000)
    assert copy.to_pybytes() == b"a,b\n" * 1000
    assert pa.total_allocated_bytes() >= before + 4000


def test_no_bytes_are_an_empty_buffer() -> None:
    assert copy_to_arrow(b"").size == 0
