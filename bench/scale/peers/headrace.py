"""Headrace: each figure is an action of the same name."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import headrace as hr
from bench.peer import PassResult, Peer
from bench.scale.data import COLUMNS, keyed_path, summarize, write_files, write_keyed
from bench.scale.figures import FIGURES
from bench.scale.wide import WIDE, prepare_wide

t = hr.transform

_PER_KEY: dict[str, Callable[[Any], Any]] = {
    "z_per_key": lambda x: {"y": t.scale_to_z_score_per_key(x["x"], x["key"])},
    "buckets_per_key": lambda x: {"y": t.bucketize_per_key(x["x"], x["key"], 10)},
    "gaussian_per_key": lambda x: {"y": t.scale_to_gaussian_per_key(x["x"], x["key"])},
}


def _files(x: Any) -> dict[str, Any]:
    scaled = {name: t.scale_to_z_score(x[name]) for name in COLUMNS[1:]}
    buckets = t.bucketize(x[COLUMNS[0]], 10)
    return {**scaled, COLUMNS[0]: buckets, "word": t.compute_and_apply_vocabulary(x["word"])}


def _clips(x: Any) -> dict[str, Any]:
    y = x["x"]
    for _ in range(9):
        center, width = t.mean(y), 2 * t.standard_deviation(y)
        y = t.where(y < center - width, center - width, t.where(y > center + width, center + width, y))
    return {"y": y}


class Headrace(Peer):
    workloads = FIGURES

    def __init__(self, workload: str, directory: Path, cpus: int) -> None:
        super().__init__(workload, directory, cpus)
        self._name = workload
        self._wide = dict[str, Callable[[], PassResult]]()

    def prepare(self, action: str) -> None:
        figure = self.workload
        if action in WIDE or action == "half":
            size = figure.size // 2 if action == "half" else figure.size
            self._wide[action] = prepare_wide(self._name, size, self.directory)
            return
        if action in _PER_KEY:
            if not keyed_path(figure, self.directory).exists():
                write_keyed(figure, self.directory)
            self._rows = hr.Dataset.from_parquet(keyed_path(figure, self.directory))
        elif action in ("cache", "no cache", "spark"):
            self._rows = hr.Dataset.from_parquet(write_files(figure, self.directory))
        elif action in ("plan", "plot"):
            schema = pa.schema([(f"c{place}", pa.float64()) for place in range(figure.size)])
            self._plan = lambda: t.plan(lambda x: {name: t.scale_to_z_score(x[name]) for name in x}, schema)
        elif action == "labels":
            rng = np.random.default_rng(0)
            words = pa.array([f"word {each}" for each in (20_000 * rng.random(figure.rows) ** 3).astype(int)])
            self._batch = pa.record_batch({"word": words, "label": rng.integers(0, figure.size, figure.rows)})

    def clear(self, action: str) -> None:
        if action == "cache":
            shutil.rmtree(self.directory / "cache", ignore_errors=True)

    def run(self, action: str) -> PassResult:
        if action in self._wide:
            return self._wide[action]()
        if action in _PER_KEY:
            return self._transform(_PER_KEY[action])
        passes = {
            "plan": self._explain, "plot": self._plot, "sums": self._sum, "clips": self._clip,
            "labels": self._label, "cache": self._cache, "no cache": self._read, "spark": self._spark,
        }  # fmt: skip
        passes[action]()
        return PassResult(self.workload.size)

    def _transform(self, function: Callable[[Any], Any]) -> PassResult:
        transform = t.analyze(function, self._rows)
        found = [batch["y"].to_numpy() for batch in self._rows.map(transform, threads=self.cpus)]
        return PassResult(self.workload.rows, lambda: summarize(np.concatenate(found)))

    def _explain(self) -> None:
        str(self._plan())

    def _plot(self) -> None:
        self._plan().plot(self.directory / "plan.png")

    def _sum(self) -> None:
        def function(x: Any) -> dict[str, Any]:
            total = x["x"]
            for number in range(self.workload.size):
                total = total + float(number)
            return {"y": t.scale_to_z_score(total)}

        transform = t.analyze(function, [pa.record_batch({"x": np.arange(100.0)})])
        pickle.loads(pickle.dumps(transform)).save(self.directory / "sums")
        transform.to_onnx(self.directory / "sums.onnx")

    def _clip(self) -> None:
        t.analyze(_clips, [pa.record_batch({"x": np.arange(100.0)})]).save(self.directory / "clips")

    def _label(self) -> None:
        def function(x: Any) -> dict[str, Any]:
            words = t.vocabulary(x["word"], labels=x["label"], top_k=5000)
            return {"y": t.apply_vocabulary(x["word"], words)}

        t.analyze(function, [self._batch])

    def _cache(self) -> None:
        t.analyze(_files, self._rows, cache_dir=self.directory / "cache")

    def _read(self) -> None:
        t.analyze(_files, self._rows)

    def _spark(self) -> None:
        t.analyze(_files, self._rows, engine="spark")


PEER = Headrace
