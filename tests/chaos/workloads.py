"""What is killed: conversions, splits, merges, analyses with a cache, exports, runs of a recipe.

A workload starts from a folder that holds an older result, except a run, which starts from nothing.
"""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from tests.conftest import write_pipeline

import headrace as hr
from headrace.cli import main
from headrace.data import Dataset
from headrace.errors import HeadraceError
from headrace.recipes import Run, RunOptions, execute
from headrace.storage import is_working_file

__all__ = ["WORKLOADS", "Workload", "snapshot"]

TIMED = (
    *("run.json", "report.html", "report.json", "verdict.json", "metrics.json", "history.json"),
    "state.safetensors",
)


def snapshot(folder: Path) -> dict[str, bytes]:
    """All files below a folder by name, working files included; of those that hold times, only the names.

    Cached states are only counted: their names and headers depend on the inode of the data.
    """
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.startswith("cache/"):
            if path.suffix == ".state":
                files[f"cache/state {sum(each.startswith('cache/state') for each in files)}"] = b""
            elif not path.is_dir():
                files[name] = path.read_bytes()
        elif path.is_dir():
            files[name + "/"] = b""
        elif path.parent.name == "tensorboard":
            files["tensorboard/events"] = b""  # named by the time; a resumed training has several
        else:
            files[name] = b"" if path.name in TIMED else path.read_bytes()
    return files


def leftovers(folder: Path) -> list[str]:
    """The working files below a folder."""
    return [path.name for path in folder.rglob("*") if is_working_file(path.name)]


class Workload(ABC):
    """Something that writes, started from the same inputs each time."""

    @abstractmethod
    def prepare(self, folder: Path) -> None:
        """Write the inputs, and an older result."""

    @abstractmethod
    def do(self, folder: Path) -> None:
        """Write the result; killed at any moment, and then done again."""

    @abstractmethod
    def read(self, folder: Path) -> Any:
        """Read what a user reads: the older result or the new one; raises HeadraceError if neither exists."""


def _write_rows(path: Path, rows: range) -> None:
    path.write_text("n,word\n" + "".join(f"{n},word{n % 7}\n" for n in rows))


def _numbers(base: Path) -> list[int]:
    return sorted(n for batch in hr.records.read(base) for n in batch["n"].to_pylist())


class Convert(Workload):
    """CSV to three shards, over an older set of four."""

    def prepare(self, folder: Path) -> None:
        _write_rows(folder / "old.csv", range(100, 150))
        _write_rows(folder / "new.csv", range(300))
        _headrace(
            "records", "convert", folder / "old.csv", folder / "train", "--to", "tfrecord", "--shards", 4
        )

    def do(self, folder: Path) -> None:
        new = ("records", "convert", folder / "new.csv", folder / "train", "--to", "tfrecord", "--shards", 3)
        _headrace(*new, "--force")

    def read(self, folder: Path) -> Any:
        return _numbers(folder / "train")

    def _convert(self, folder: Path, source: str, shards: int) -> None:
        words = ("records", "convert", folder / source, folder / "train", "--to", "tfrecord")
        _headrace(*words, "--shards", shards, "--force")


class Split(Workload):
    """A set into two, over older ones."""

    def prepare(self, folder: Path) -> None:
        for name, rows in (("old", range(50)), ("all", range(300))):
            batch = pa.record_batch({"n": pa.array(rows, pa.int64())})
            hr.records.write(folder / name, [batch], shards=2)
        self._split(folder, "old")

    def do(self, folder: Path) -> None:
        self._split(folder, "all")

    def read(self, folder: Path) -> Any:
        return [_numbers(folder / part) for part in ("train", "test")]

    def _split(self, folder: Path, source: str) -> None:
        hr.records.split(folder / source, {str(folder / "train"): 0.8, str(folder / "test"): 0.2})


class Merge(Workload):
    """Two sets into one of two shards, over an older one."""

    def prepare(self, folder: Path) -> None:
        for name, rows in (("a", range(100)), ("b", range(100, 300))):
            batch = pa.record_batch({"n": pa.array(rows, pa.int64())})
            hr.records.write(folder / name, [batch], shards=2)
        hr.records.merge(folder / "a", folder / "both", shards=3)

    def do(self, folder: Path) -> None:
        hr.records.merge([folder / "a", folder / "b"], folder / "both", shards=2, compression="gzip")

    def read(self, folder: Path) -> Any:
        return _numbers(folder / "both")


def _preprocess(inputs: Mapping[str, Any]) -> dict[str, Any]:
    t = hr.transform
    words = t.compute_and_apply_vocabulary(inputs["word"], vocab_filename="word")
    return {"n": t.scale_to_z_score(inputs["n"]), "word": words}


def _preprocess_before(inputs: Mapping[str, Any]) -> dict[str, Any]:
    t = hr.transform
    words = t.compute_and_apply_vocabulary(inputs["word"], vocab_filename="before", top_k=3)
    return {"n": t.scale_to_0_1(inputs["n"]), "word": words}


class Analyze(Workload):
    """An analysis with a cache of states, saved over an older transform."""

    def prepare(self, folder: Path) -> None:
        _write_rows(folder / "rows.csv", range(300))
        self._analyze(folder, _preprocess_before)

    def do(self, folder: Path) -> None:
        self._analyze(folder, _preprocess)

    def read(self, folder: Path) -> Any:
        return list(hr.Transform.load(folder / "transform").vocabularies)

    def _analyze(self, folder: Path, function: Any) -> None:
        data = Dataset.from_csv(folder / "rows.csv")
        found = hr.transform.analyze(function, data, cache_dir=str(folder / "cache"))
        found.save(folder / "transform")


class Export(Workload):
    """A model as one ONNX file, over an older one."""

    def prepare(self, folder: Path) -> None:
        _write_rows(folder / "rows.csv", range(100))
        hr.transform.analyze(_features, Dataset.from_csv(folder / "rows.csv")).save(folder / "transform")
        self._export(folder, seed=0)

    def do(self, folder: Path) -> None:
        self._export(folder, seed=1)

    def read(self, folder: Path) -> Any:
        row = pa.record_batch({"n": pa.array([1], pa.int64())})
        return hr.serving.load(folder / "model.onnx").predict(row).to_pylist()

    def _export(self, folder: Path, seed: int) -> None:
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(seed)
        transform = hr.Transform.load(folder / "transform")
        model = torch.nn.Sequential(torch.nn.Unflatten(0, (-1, 1)), torch.nn.Linear(1, 2))
        hr.deploy.export(folder / "model.onnx", transform=transform, model=model)


def _features(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"n": hr.transform.scale_to_z_score(inputs["n"])}


class RecipeRun(Workload):
    """A run of a small recipe, from its table to its report."""

    def prepare(self, folder: Path) -> None:
        write_pipeline(folder)

    def do(self, folder: Path) -> None:
        import torch

        torch.set_num_threads(1)
        execute(Run(RunOptions(str(folder / "my_pipeline.py")), folder / "run"))

    def read(self, folder: Path) -> Any:
        return (folder / "run" / "model.onnx").exists()


def _headrace(*words: Any) -> None:
    try:
        main([str(word) for word in words])
    except SystemExit as end:
        if end.code:
            raise HeadraceError(f"headrace {words} ended with {end.code}") from end


def copy_folder(source: Path, target: Path) -> Path:
    """Copy a prepared folder."""
    return Path(shutil.copytree(source, target))


WORKLOADS: dict[str, Workload] = {
    "convert": Convert(),
    "split": Split(),
    "merge": Merge(),
    "analyze": Analyze(),
    "export": Export(),
    "run": RecipeRun(),
}
