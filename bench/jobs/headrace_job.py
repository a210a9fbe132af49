"""One job as a user does it: `headrace init`, `headrace run`, and answers of the exported file."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import headrace as hr
from bench.compare import QUIET
from headrace.recipes import find_recipe

__all__ = ["Cost", "answer", "init", "init_images", "run", "write_parts"]


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds of the clock, and of the CPUs."""

    wall: float
    cpu: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu)


def _call(*arguments: str) -> tuple[Cost, str]:
    """Run a command of Headrace; return its cost and what it printed.

    Raises:
        SystemExit: The command failed.
    """
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "headrace", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **QUIET},
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"headrace {' '.join(arguments)} failed:\n{printed}")
    return Cost(time.perf_counter() - begin, used.ru_utime + used.ru_stime), printed


def init(data: Path, label: str, recipe: Path) -> tuple[Cost, str]:
    """Write a recipe for the data; return the cost, and what the command says about the data."""
    return _call("init", str(data), "--label", label, "--out", str(recipe))


def init_images(folder: Path, recipe: Path) -> tuple[Cost, str]:
    """Write a recipe for a folder of images; return the cost, and what the command says about them."""
    return _call("init", str(folder), "--out", str(recipe))


def run(recipe: Path, folder: Path, seed: int, *options: str) -> Cost:
    """Run a recipe without an edit."""
    return _call("run", str(recipe), "--out-dir", str(folder), "--seed", str(seed), *options)[0]


def write_parts(recipe: Path, folder: Path) -> pa.Table:
    """Write the rows of a recipe as `train.parquet` and `test.parquet` for the peer; return the test rows."""
    splits = find_recipe(str(recipe)).load(None)
    parts = [splits.train] if splits.validation is None else [splits.train, splits.validation]
    train = pa.concat_tables([pa.Table.from_batches(list(part)) for part in parts])
    test = pa.Table.from_batches(list(splits.test))
    pq.write_table(train, folder / "train.parquet")
    pq.write_table(test, folder / "test.parquet")
    return test


def answer(model: Path, rows: pa.Table, target: Path) -> None:
    """Write the answers of an exported file: `probabilities` and the names of `classes`, or `numbers`."""
    predictor = hr.serving.load(model)
    assert predictor.signature is not None
    answers = predictor.run(rows)
    outputs = {output.kind: output for output in predictor.signature.outputs}
    if (output := outputs.get("probabilities")) is not None:
        assert output.classes is not None
        np.savez(target, probabilities=answers[output.name], classes=np.array(output.classes))
    else:
        np.savez(target, numbers=answers[outputs["number"].name])
