"""Benchmarks are made for a process of their own; what they set in this one is set back after each test."""

import os
from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True)
def process_as_before() -> Iterator[None]:
    """Set back the environment and torch's threads, on which the bits of other tests depend."""
    environment, threads = dict(os.environ), torch.get_num_threads()
    yield
    os.environ.clear()
    os.environ.update(environment)
    torch.set_num_threads(threads)
