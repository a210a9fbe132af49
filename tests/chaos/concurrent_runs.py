"""Two processes in one folder of a run: the second is refused, and what is loaded is never torn."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

import headrace as hr
from headrace.training import load_weights

__all__ = ["load_while_writing"]

WRITER = """
import itertools, sys
from pathlib import Path
import pyarrow as pa
import torch
import headrace as hr
from headrace.storage import FolderLock, write_text
from headrace.training import save_weights

torch.set_num_threads(1)
folder = Path(sys.argv[1])

def preprocess(inputs):
    t = hr.transform
    return {"word": t.compute_and_apply_vocabulary(inputs["word"], vocab_filename="word")}

def transform(words):
    batch = pa.record_batch({"word": [f"word{n}" for n in range(words)]})
    return hr.transform.analyze(preprocess, [batch])

with FolderLock(folder):
    for n in itertools.count():
        size = 3 + n % 40
        transform(size).save(folder / "transform")
        write_text(folder / "run.json", "[" + ", ".join(["1"] * size) + "]")
        model = torch.nn.Linear(size % 2 + 50, 4)
        torch.nn.init.constant_(model.weight, size)
        torch.nn.init.constant_(model.bias, size)
        save_weights(torch.nn.Sequential(model), folder / "best.safetensors")
        if not n:
            print("ready", flush=True)
"""


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """A process that replaces the files of a run as fast as it can, with its lock held."""
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "ready\n"
        yield
        assert child.poll() is None, "the writer has stopped"
    finally:
        child.send_signal(signal.SIGKILL)
        child.communicate()


def load_while_writing(folder: Path, loads: int) -> int:
    """Load a transform, a journal and weights while another process replaces them.

    Returns:
        The number of loads.
    """
    with writing(folder):
        for _ in range(loads):
            (words,) = hr.Transform.load(folder / "transform").vocabularies.values()
            assert sorted(words) == sorted(f"word{n}" for n in range(len(words)))
            assert set(json.loads((folder / "run.json").read_text())) == {1}
            check_weights(folder / "best.safetensors")
    return loads


def check_weights(path: Path) -> None:
    """All weights of a file have one value."""
    for inputs in (50, 51):
        model = torch.nn.Sequential(torch.nn.Linear(inputs, 4))
        try:
            load_weights(model, path)
        except hr.ModelError as error:
            assert "size mismatch" in str(error), error  # noqa: PT017 - the other size
            continue
        values = torch.cat([parameter.flatten() for parameter in model.parameters()])
        assert values.min() == values.max()
