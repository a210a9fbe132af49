"""Read folders that headrace has prepared, against `tfds.load` and `as_numpy`.

`python -m bench.data.catalogue` prepares the sample of Fashion-MNIST, 12,000 images of 28 x 28, as PNG files
and as the bytes of tensors, and prints CPU seconds without imports, medians of interleaved rounds, and peak
memory. Both read all pixels and labels; the sums of the labels are compared. TensorFlow Datasets yields rows,
or batches of 32 as headrace; over several epochs it keeps decoded rows, as headrace does.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import headrace as hr
from bench.environments import ROOT, NotInstalledError, find_python
from headrace.datasets.prepared import write_folder

_READER = ROOT / "bench/data/catalogue_reader.py"
_PEERS = {"tfds, rows": "0", "tfds, batches": "32"}
_CASES = (("png", 1, "0"), ("png", 10, "1"), ("bytes", 10, "1"))  # encoding, epochs, whether tfds caches


def _prepare(folder: Path, encoding: str) -> Path:
    def add_channel(batch: pa.RecordBatch) -> pa.RecordBatch:
        pixels = np.ascontiguousarray(batch.column("image").to_numpy_ndarray()[..., None])
        image = pa.FixedShapeTensorArray.from_numpy_ndarray(pixels)
        return pa.record_batch({"image": image, "label": batch.column("label")})

    splits = {name: ds.map(add_channel) for name, ds in hr.datasets.load("fashion_mnist").items()}
    card = hr.datasets.info("fashion_mnist")
    return write_folder(folder / encoding / "1.0.0", card, splits, encodings={"image": encoding})


def _run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def _compare(folder: Path, epochs: int, autocache: str, peer: str | None, rounds: int) -> None:
    arguments = [str(folder), str(epochs)]
    commands = {"headrace": [sys.executable, "-m", "bench.data.catalogue_reader", *arguments]}
    for name, batch in _PEERS.items() if peer else ():
        commands[name] = [str(peer), str(_READER), *arguments, batch, autocache]
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(_run(command))
    if len({each["labels"] for results in found.values() for each in results}) != 1:
        raise SystemExit("the labels differ")
    own = statistics.median(each["cpu"] for each in found["headrace"])
    for name, results in found.items():
        cpu, memory = (statistics.median(each[key] for each in results) for key in ("cpu", "memory"))
        print(f"  {name:<14} {cpu:7.2f} s CPU  {cpu / own:6.1f}x  {memory:5.0f} MB", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser("python -m bench.data.catalogue")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    try:
        peer = find_python("tensorflow_datasets")
    except NotInstalledError as error:
        print(f"tfds: {error}")
        peer = None
    with tempfile.TemporaryDirectory() as directory:
        folders = {encoding: _prepare(Path(directory), encoding) for encoding in ("png", "bytes")}
        for encoding, epochs, autocache in _CASES:
            print(f"image as {encoding}, {epochs} epoch{'s' * (epochs > 1)} of one load")
            _compare(folders[encoding], epochs, autocache, peer, options.rounds)


if __name__ == "__main__":
    main()
