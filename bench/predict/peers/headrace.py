"""Headrace: the command in a process of its own, and the predictor."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa

import headrace as hr
from bench.peer import PassResult, Peer
from bench.predict.workload import DICTS, REQUEST_ROWS, WORKLOADS, Files, write_rows

__all__ = ["PEER"]

_COMMAND = [sys.executable, "-c", "from headrace.cli import main; main()", "predict"]


def _narrow(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return float32 for float64, as the records of the recipe hold it."""
    fields = [
        field.with_type(pa.float32()) if pa.types.is_float64(field.type) else field for field in batch.schema
    ]
    return batch.cast(pa.schema(fields))


def _write_model(path: Path) -> None:
    """Export the housing recipe's network as it is before training: it costs the same."""
    import torch

    from headrace.recipes import housing

    recipe = housing.recipe
    rows = recipe.load(None).train.map(_narrow)
    transform = hr.transform.analyze(recipe.preprocess, rows).without(recipe.label)
    torch.manual_seed(0)
    model = housing.build_model(transform, None)
    hr.deploy.export(path, transform=transform, model=model, head=recipe.head, data=rows)


class Headrace(Peer):
    workloads = WORKLOADS

    def prepare(self, action: str) -> None:
        self._files = Files(self.directory, self.workload)
        if action in ("one dict", "request"):
            self._predictor = hr.serving.load(self._files.model, threads=1)
            self._text = self._files.request.read_text()
            self._dicts = [self._files.read_request()[number % REQUEST_ROWS] for number in range(DICTS)]

    def run(self, action: str) -> PassResult:
        return {
            "write": self._write,
            "csv": lambda: self._call(self._files.table, self.workload),
            "one call": lambda: self._call(self._files.one_row, 1),
            "one dict": self._predict_dicts,
            "request": self._predict_request,
        }[action]()

    def _write(self) -> PassResult:
        sample = Path(hr.__file__).parent / "datasets/samples/housing.csv.gz"
        write_rows(self._files, sample)
        if not self._files.model.exists():
            _write_model(self._files.model)
        return PassResult(self.workload)

    def _call(self, table: Path, rows: int) -> PassResult:
        answers = self.directory / "answers.jsonl"
        with answers.open("wb") as file:
            subprocess.run([*_COMMAND, self._files.model, table], stdout=file, check=True)

        def check() -> dict[str, float]:
            with answers.open() as file:
                total = sum(json.loads(line)["median_house_value"] for line in file)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            return {"answers": total, "peak_mb": peak}

        return PassResult(rows, check)

    def _predict_dicts(self) -> PassResult:
        found: list[Any] = [self._predictor.predict(row) for row in self._dicts]
        return PassResult(DICTS, lambda: {"answers": sum(each.column(0)[0].as_py() for each in found)})

    def _predict_request(self) -> PassResult:
        answers = hr.serving.to_json_rows(self._predictor.predict(json.loads(self._text)))
        reply = json.dumps(answers)
        return PassResult(
            REQUEST_ROWS, lambda: {"answers": sum(each["median_house_value"] for each in json.loads(reply))}
        )


PEER = Headrace
