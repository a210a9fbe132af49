"""How long threads of OpenMP spin before they sleep."""

from __future__ import annotations

import os

__all__ = ["limit_spinning"]

_CHOSEN_BY_USER = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
# Turns of the loop in which a thread of libgomp waits for the next operation: some 0.2 ms, longer than the
# gap between two operations of a network. libgomp's own default is 300,000: threads that share CPUs with
# other processes then spend most of their time waiting for each other.
_SPINS = "5000"


def limit_spinning() -> None:
    """Let threads of OpenMP sleep after a short wait, unless the environment says how they wait.

    It counts for libraries that load afterwards, such as torch, and for processes that are started.
    """
    if not any(name in os.environ for name in _CHOSEN_BY_USER):
        os.environ["GOMP_SPINCOUNT"] = _SPINS
