"""The threads of torch on a rank."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

import torch

from headrace.parallel import available_cpus

__all__ = ["use_all_threads"]


@contextmanager
def use_all_threads() -> Generator[None]:
    """Use a thread of torch for each CPU of this rank inside a `with` block.

    torchrun lets each process use one thread, unless the user sets a number; a number of the user is kept.
    """
    before = torch.get_num_threads()
    chosen = os.environ.get("OMP_NUM_THREADS")
    if chosen is None or (chosen == "1" and "TORCHELASTIC_RUN_ID" in os.environ):
        torch.set_num_threads(available_cpus())
    try:
        yield
    finally:
        torch.set_num_threads(before)
