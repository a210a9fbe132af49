"""Read a prepared folder in a process of its own, and print what it took, as JSON.

    python -m bench.data.catalogue_reader FOLDER EPOCHS                  # headrace, tensors
    python bench/data/catalogue_reader.py FOLDER EPOCHS BATCH AUTOCACHE  # TensorFlow Datasets, NumPy arrays

Imports and a pass over the split `test` come before the clock starts.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

Open = Callable[[str], Iterable[tuple[Any, Any]]]


def _open_headrace(folder: str) -> Open:
    import headrace as hr

    return lambda split: hr.datasets.load(folder, split, batch_size=32, as_supervised=True).to_torch()


def _open_peer(folder: str, batch: int, *, autocache: bool) -> Open:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow_datasets as tfds  # pyright: ignore[reportMissingImports]

    builder = tfds.builder_from_directory(folder)
    config = tfds.ReadConfig(try_autocache=autocache)

    def open_split(split: str) -> Any:
        rows = builder.as_dataset(
            split=split, batch_size=batch or None, as_supervised=True, read_config=config
        )
        return tfds.as_numpy(rows)

    return open_split


def _read(pairs: Iterable[tuple[Any, Any]], epochs: int) -> int:
    labels = 0
    for _ in range(epochs):
        for _, label in pairs:
            labels += int(label.sum())
    return labels


def main() -> None:
    """Print the CPU seconds, the wall seconds, the peak memory in MB and the sum of all labels."""
    folder, epochs, *peer = sys.argv[1:]
    open_split = (
        _open_peer(folder, int(peer[0]), autocache=peer[1] == "1") if peer else _open_headrace(folder)
    )
    _read(open_split("test"), 1)
    cpu, wall = time.process_time(), time.perf_counter()
    labels = _read(open_split("train"), int(epochs))
    found = {
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "labels": labels,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
