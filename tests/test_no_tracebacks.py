"""Twelve kinds of bad input at every entry of the command line and of Python: one line each, no traceback.

A file whose name is not UTF-8 is read like any other. Damage that a reader cannot notice (a changed letter of
a text) gives what the file now says.
"""

import gzip
import json
import os
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

import headrace as hr
from headrace import records
from headrace.errors import HeadraceError
from headrace.recipes import reopen
from headrace.training.checkpoint import load_weights, read_progress

from .cli.commands import run_command
from .conftest import write_pipeline

PAGE = b"<!DOCTYPE html>\n<html><body>404, not found</body></html>\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


@pytest.fixture(scope="module")
def good(executed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one good file of each kind."""
    folder = tmp_path_factory.mktemp("good")
    write_pipeline(folder)
    shutil.copytree(executed, folder / "run")
    rows = hr.Dataset.from_csv(folder / "people.csv").take(40)
    for name in ("t.csv", "t.jsonl", "t.parquet", "t.arrow", "t.tfrecord"):
        rows.write(folder / name)
    for name in ("t.csv", "t.jsonl"):
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
    image = hr.images.encode_png(np.arange(75, dtype=np.uint8).reshape(5, 5, 3))
    (folder / "images" / "a").mkdir(parents=True)
    (folder / "images" / "a" / "0.png").write_bytes(image)
    (folder / "words.txt").write_text("red\ngreen\n")
    with zipfile.ZipFile(folder / "texts.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/0.txt", "hello")
    (folder / "0.png").write_bytes(image)
    with tarfile.open(folder / "t.tar", "w") as tar:
        tar.add(folder / "0.png", "0.png")
    torch.save(torch.nn.Linear(1, 1).state_dict(), folder / "w.pt")
    return folder


def _read_rows(rows: Any) -> int:
    return sum(batch.num_rows for batch in rows)


def _replace(good: Path, inner: str, read: Callable[[Path], object], path: str) -> object:
    """Read a copy of a folder of `good` in which the bad file takes the place of a good one."""
    top, _, name = inner.partition("/")
    copy = Path(tempfile.mkdtemp(dir=good.parent)) / f"copy-of-{top}"
    shutil.copytree(good / top, copy)
    (copy / name).unlink()
    if os.path.lexists(path):
        os.rename(path, copy / name)  # noqa: PTH104 - the name may be too long for pathlib's error
    return read(copy)


DATASETS = {
    "t.csv": hr.Dataset.from_csv,
    "t.csv.gz": hr.Dataset.from_csv,
    "t.jsonl": hr.Dataset.from_json_lines,
    "t.jsonl.gz": hr.Dataset.from_json_lines,
    "t.parquet": hr.Dataset.from_parquet,
    "t.arrow": hr.Dataset.from_arrow_ipc,
    "t.tfrecord": hr.Dataset.from_records,
    "texts.zip": hr.Dataset.from_text,
    "t.tar": hr.Dataset.from_webdataset,
}
API: dict[str, tuple[str, Callable[[str], object]]] = {
    **{
        f"Dataset.{open_.__name__}({name})": (name, lambda path, open_=open_: _read_rows(open_(path)))
        for name, open_ in DATASETS.items()
    },
    "records.read": ("t.tfrecord", lambda path: _read_rows(records.read(path))),
    "records.check": ("t.tfrecord", records.check),
    "records.count": ("t.tfrecord", records.count),
    "records.infer_schema": ("t.tfrecord", records.infer_schema),
    "RecordReader": ("t.tfrecord", lambda path: list(records.RecordReader(path))),
    "RecordFile": ("t.tfrecord", lambda path: len(records.RecordFile(path))),
    "records.write_index": ("t.tfrecord", records.write_index),
    "records.read_schema": ("t.schema.json", records.read_schema),
    "Transform.load": ("run/transform", hr.Transform.load),
    "serving.load": ("run/model.onnx", hr.serving.load),
    "training.load_weights": ("w.pt", lambda path: load_weights(torch.nn.Linear(1, 1), Path(path))),
    "training.read_progress": ("run/training/state.safetensors", lambda path: read_progress(Path(path))),
    "vision.create_model": ("w.pt", lambda path: hr.vision.create_model("lenet5", weights=path)),
    "StringLookup(vocabulary=)": ("words.txt", lambda path: hr.layers.StringLookup(vocabulary=path)),
}
INSIDE: dict[str, tuple[str, Callable[[Path], object]]] = {
    **{
        f"Transform.load of {name}": (
            f"run/transform/{name}",
            lambda folder: hr.Transform.load(folder / "transform"),
        )
        for name in ("graph.json", "statistics.json", "plan.json", "manifest.json",
                     "vocabularies/3-colour.txt")
    },
    "reopen a run": ("run/run.json", reopen),
    "Run.read_verdict": ("run/verdict.json", lambda folder: reopen(folder).read_verdict()),
    "Run.read_metrics": ("run/metrics.json", lambda folder: reopen(folder).read_metrics()),
}  # fmt: skip
COMMANDS: dict[str, tuple[str, list[str]]] = {
    "run": ("my_pipeline.py", ["run", "@", "--out-dir", "OUT/run", "--fresh"]),
    "verify": ("run/model.onnx", ["verify", "@"]),
    "predict MODEL": ("run/model.onnx", ["predict", "@", "GOOD/t.csv", "--limit", "2"]),
    **{
        f"predict {name}": (name, ["predict", "GOOD/run/model.onnx", "@", "--limit", "2"])
        for name in ("t.parquet", "t.jsonl")
    },
    "analyze": ("t.csv", ["analyze", "@", "--preprocess", "GOOD/my_pipeline.py", "--out", "OUT/analyzed"]),
    "analyze --preprocess": ("my_pipeline.py", [
        "analyze", "GOOD/t.csv", "--preprocess", "@", "--out", "OUT/analyzed",
    ]),
    "transform": ("t.parquet", [
        "transform", "@", "--transform", "GOOD/run", "--out", "OUT/t.parquet", "--force",
    ]),
    "transform --transform": ("run", [
        "transform", "GOOD/t.parquet", "--transform", "@", "--out", "OUT/t.csv", "--force",
    ]),
    "explain": ("run/transform", ["explain", "@"]),
    **{
        f"records {name}": ("t.tfrecord", ["records", name, "@", *more])
        for name, more in {
            "head": [], "schema": [], "stats": [], "check": [],
            "convert": ["OUT/converted.parquet", "--force"],
            "split": ["--by", "1,1", "--out-dir", "OUT/split", "--force"],
            "merge": ["OUT/merged", "--force"],
            "index": ["--force"],
        }.items()
    },
    "records convert --schema": ("t.schema.json", [
        "records", "convert", "GOOD/t.tfrecord", "OUT/c.csv", "--schema", "@", "--force",
    ]),
    "records convert images": ("images", ["records", "convert", "@", "OUT/images.parquet", "--force"]),
    "models draw": ("0.png", ["models", "draw", "lenet5", "--image", "@", "--out", "OUT/drawn.png"]),
}  # fmt: skip


def _cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def _damage(data: bytes) -> bytes:
    return (
        data[: len(data) // 2]
        + bytes(each ^ 0x5A for each in data[len(data) // 2 :][:8])
        + data[len(data) // 2 + 8 :]
    )


CONTENTS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": _cut,
    "damaged": _damage,
    "a web page": lambda _: PAGE,
    "a git-lfs pointer": lambda _: POINTER,
    "zeros": lambda _: bytes(3000),
}


@dataclass(frozen=True)
class Bad:
    """A path to pass, whether its content may be good, and what the message must name."""

    path: str
    may_succeed: bool = False


def _list_bad(folder: Path, good: Path) -> dict[str, Bad]:
    """Make the twelve kinds of bad input from a good file or folder."""
    data = good.read_bytes() if good.is_file() else b"x"

    def place(kind: str) -> Path:
        parent = folder / kind.replace(" ", "-")
        parent.mkdir(parents=True)
        return parent / good.name

    found = {"missing": Bad(str(place("missing")))}
    for kind, change in CONTENTS.items():
        path = place(kind)
        path.write_bytes(change(data))
        # One column of text is a table, a changed letter is another one, and an empty table may be right.
        is_text = good.suffix in (
            ".gz",
            ".csv",
            ".txt",
            ".jsonl",
            ".json",
            ".py",
            ".parquet",
            ".arrow",
            ".pt",
            ".tar",
        )
        found[kind] = Bad(str(path), is_text or kind == "empty" or not good.is_file())
    folder_instead = place("a folder")
    folder_instead.mkdir()
    found["a folder"] = Bad(str(folder_instead), not good.is_file())
    under = place("under a file").parent / "file"
    under.write_bytes(b"x")
    found["under a file"] = Bad(str(under / good.name))
    loop = place("a loop of links")
    loop.symlink_to(loop.name)
    found["a loop of links"] = Bad(str(loop))
    found["a name that is too long"] = Bad(str(place("long").with_name("n" * 300 + good.name)))
    name = os.fsdecode(os.fsencode(place("not UTF-8").parent) + b"/caf\xe9-" + os.fsencode(good.name))
    (shutil.copytree if good.is_dir() else shutil.copy)(good, name)
    found["a name that is not UTF-8"] = Bad(name, may_succeed=True)
    assert len(found) == 12
    return found


NAMED = ("missing", "a folder", "under a file", "a loop of links")


def _check_line(line: str, kind: str, bad: Bad) -> None:
    assert "\n" not in line, (kind, line)
    assert line.endswith((".", "?")), (kind, line)
    if kind in NAMED and "unknown column" not in line:  # a folder holds images
        assert Path(bad.path).name in line or "copy-of" in line, (kind, line)
    if kind == "a name that is too long":
        assert re.search("too long|unknown recipe|expected a Python file|does not|no such", line), line


def _try(call: Callable[[], object], kind: str, bad: Bad) -> None:
    try:
        call()
    except HeadraceError as error:
        _check_line(str(error), kind, bad)
    else:
        assert bad.may_succeed, f"{kind}: read without a word"


@pytest.mark.parametrize("name", API)
def test_python(name: str, good: Path, tmp_path: Path) -> None:
    given, read = API[name]
    for kind, bad in _list_bad(tmp_path / "bad", good / given).items():
        reports = name == "records.check" and kind in CONTENTS
        _try(partial(read, bad.path), kind, replace(bad, may_succeed=bad.may_succeed or reports))


@pytest.mark.parametrize("name", INSIDE)
def test_python_files_of_a_folder(name: str, good: Path, tmp_path: Path) -> None:
    given, read = INSIDE[name]
    for kind, bad in _list_bad(tmp_path / "bad", good / given).items():
        if Path(bad.path).name == Path(given).name:
            # The plan may be missing; a manifest, too, as of earlier versions.
            absent = Path(given).name in ("plan.json", "manifest.json") and kind in ("missing", *NAMED)
            _try(partial(_replace, good, given, read, bad.path), kind, Bad(bad.path, absent))


def _first(word: str) -> str:
    """Return the placeholder that a word starts with, or what is not in it."""
    return next((name for name in ("@", "GOOD", "OUT") if word.startswith(name)), "\0")


@pytest.mark.parametrize("name", COMMANDS)
def test_commands(name: str, good: Path, tmp_path: Path) -> None:
    given, words = COMMANDS[name]
    (tmp_path / "OUT").mkdir()
    for kind, bad in _list_bad(tmp_path / "bad", good / given).items():
        places = {"\0": "", "@": bad.path, "GOOD": str(good), "OUT": str(tmp_path / "OUT")}
        full = [word.replace(first, places[first]) for word in words for first in [_first(word)]]
        result = run_command(*full)
        assert "Traceback" not in result.out + result.err, (kind, result)
        if result.code == 2:
            _check_line(result.err.splitlines()[-1], kind, bad)  # warnings may come before
        elif result.code == 1:
            assert name == "records check", (kind, result)
            assert "record" in result.out + result.err
        else:
            assert bad.may_succeed or name == "records head", f"{kind}: {result}"  # the first rows are whole


@pytest.mark.parametrize(
    "write",
    [
        lambda path: records.write(path, pa.table({"x": [1]})),
        lambda path: hr.Dataset.from_arrays({"x": np.arange(3)}).write(path),
        lambda path: hr.transform.analyze(lambda x: {"y": x["x"]}, [pa.record_batch({"x": [1]})]).save(path),
        lambda path: records.RecordWriter(path).close(),
    ],
    ids=["records.write", "Dataset.write", "Transform.save", "RecordWriter"],
)
def test_places_that_cannot_be_written_to(write: Callable[[str], object], tmp_path: Path) -> None:
    (tmp_path / "file").write_text(json.dumps("mine"))
    (tmp_path / "loop").symlink_to("loop")
    for name in ("file/below", "file/below/further", "n" * 300, "loop/below", "a\0b", ""):
        path = str(tmp_path / name) if name else ""
        with pytest.raises(HeadraceError) as caught:
            write(path)
        assert "\n" not in str(caught.value)
    assert (tmp_path / "file").read_text() == '"mine"'
