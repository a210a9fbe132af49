"""Limits of this machine: copying, checksums, and the page cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import numpy as np

from bench.compare import QUIET
from bench.environments import ROOT
from headrace import _native

__all__ = ["Limits", "limits"]

_SIZE, _CHUNK, _PAGE, _PASSES = 256 << 20, 1 << 20, 1 << 12, 7


@dataclass(frozen=True)
class Limits:
    """Bytes per second of all CPUs together.

    Attributes:
        memcpy: Copying 256 MB between allocated buffers.
        crc: CRC-32C of a megabyte in the CPU cache.
        cache_read: `read` of a cached file, a megabyte at a time into one page-aligned buffer: some CPUs copy
            five times slower to the bytes just after a page's start.
        cache_write: `write` of a new file, a megabyte at a time.
    """

    memcpy: float
    crc: float
    cache_read: float
    cache_write: float


def _rate(work: Callable[[int], None], threads: int) -> float:
    """Return the best rate of `_PASSES` passes of `work` on `_SIZE` bytes in each thread."""
    best = float("inf")
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(_PASSES):
            start = time.perf_counter()
            list(pool.map(work, range(threads)))
            best = min(best, time.perf_counter() - start)
    return threads * _SIZE / best


def _chunk() -> np.ndarray:
    memory = np.ones(_CHUNK + _PAGE, np.uint8)
    start = -memory.ctypes.data % _PAGE
    return memory[start : start + _CHUNK]


def _measure(threads: int) -> Limits:
    """Measure the limits for a number of threads."""
    sources = [np.ones(_SIZE, np.uint8) for _ in range(threads)]
    targets = [np.zeros(_SIZE, np.uint8) for _ in range(threads)]
    chunks = [_chunk() for _ in range(threads)]

    def checksum(thread: int) -> None:
        for _ in range(_SIZE // _CHUNK):
            _native.crc32c(chunks[thread])

    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(sources[0].data)

        def read(thread: int) -> None:
            for offset in range(0, _SIZE, _CHUNK):
                os.preadv(file.fileno(), [chunks[thread].data], offset)

        cache_read = _rate(read, threads)

    def write(thread: int) -> None:
        with tempfile.TemporaryFile(buffering=0) as file:
            for _ in range(_SIZE // _CHUNK):
                file.write(chunks[thread].data)

    memcpy = _rate(lambda thread: np.copyto(targets[thread], sources[thread]), threads)
    return Limits(memcpy, _rate(checksum, threads), cache_read, _rate(write, threads))


def limits(cpus: int) -> Limits:
    """Measure the limits in a separate process."""
    command = [sys.executable, "-m", "bench.records.limits", str(cpus)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env={**os.environ, **QUIET}
    )
    return Limits(**json.loads(done.stdout))


def main() -> None:
    threads = int(sys.argv[1])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    print(json.dumps(asdict(_measure(threads))))


if __name__ == "__main__":
    main()
