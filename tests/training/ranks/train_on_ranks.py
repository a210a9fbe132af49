"""Trainings for the tests of several ranks; torchrun starts this file in each process.

    torchrun --nproc-per-node 2 train_on_ranks.py FOLDER CASE...

The results of a case are written to FOLDER/CASE/rank-N.json.
"""

import json
import os
import signal
import sys
import threading
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.deploy import Classifier, Regressor
from headrace.training import FitResult, fit

ROWS, VALIDATION = 86, 600


class TwoOutputs(nn.Module):
    """A class and a number, and a layer that nothing uses."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 5))
        self.unused = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        found = self.body(x)
        return {"kind": found[:, :4], "size": found[:, 4]}


class Side(nn.Module):
    """An auxiliary head, dropout of 0, and a batch norm that is frozen."""

    auxiliary_weight = 0.3

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Tanh())
        self.last, self.side = nn.Linear(8, 4), nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Any:
        hidden = self.first(x)
        return (self.last(hidden), self.side(hidden)) if self.training else self.last(hidden)


def dense() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 4))


def normed() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 4))


def make_arrays(rows: int, seed: int) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(rows, 6)).astype(np.float32)
    kind = (x[:, :4] + generator.normal(size=(rows, 4))).argmax(axis=1)
    return {"x": x, "kind": kind, "size": (x[:, 0] * 3).astype(np.float64), "weight": 1.0 + kind % 3}


def make_data(rows: int, seed: int, *columns: str) -> hr.Dataset:
    return hr.Dataset.from_arrays(make_arrays(rows, seed)).select(["x", *columns])


def stream(rows: int, seed: int) -> hr.Dataset:
    """Return rows that cannot be read by number."""

    data = make_data(rows, seed, "kind").batch(7)
    return hr.Dataset.from_generator(lambda: iter(data), schema=data.schema)


CASES: dict[str, dict[str, Any]] = {
    # 86 rows in batches of 12: the last one has 2, fewer than two for each of 2 ranks
    "plain": {"batch_size": 12, "metrics": ["auc", "f1"], "patience": 2, "max_grad_norm": 0.5},
    "several": {
        "model": TwoOutputs,
        "columns": ("kind", "size", "weight"),
        "label": {"kind": "kind", "size": "size"},
        "head": {"kind": Classifier(("a", "b", "c", "d")), "size": Regressor("size")},
        "batch_size": 12,
        "class_weight": "balanced",
        "sample_weight": "weight",
        "accumulate": 3,
        "ema_decay": 0.9,
        "schedule": "cosine",
        "calibrate": True,
    },
    "side": {"model": Side, "batch_size": 17, "freeze": ("first",), "optimizer": "sgd"},  # a last row alone
    "stream": {"rows": 20, "batch_size": 64, "read": stream},
    "few": {"rows": 2, "batch_size": 8, "validation": 3},
    "bf16": {"batch_size": 16, "mixed_precision": "bf16", "epochs": 1},
    "norm": {"model": normed, "batch_size": 12, "optimizer": "adamw"},
}


def disturb(model: nn.Module, data: hr.Dataset, way: str | None) -> hr.Dataset:
    """Do to rank 1, or to rank 0, what a test asks for, in its step 12 or where it reads its second epoch."""
    steps, reads = count(), count()

    def kill(module: nn.Module, _inputs: object) -> None:
        if module.training and next(steps) == 12:
            if way == "exit":
                raise SystemExit(3)
            os.kill(os.getpid(), signal.SIGKILL)

    def fail(batch: pa.RecordBatch) -> pa.RecordBatch:
        if batch.num_rows > 1 and next(reads) == 1:
            if way in ("raise", "raise first"):
                raise ValueError("the disk is on fire")
            threading.Event().wait()
        return batch

    if way is None or os.environ.get("RANK") != ("0" if way.endswith("first") else "1"):
        return data.map(lambda batch: batch) if way in ("hang", "raise", "raise first") else data
    if way in ("kill", "kill first", "exit"):
        model.register_forward_pre_hook(kill)
        return data
    if way == "rows":
        return data.take(80)
    return data.map(fail)


def train(folder: Path, case: str, way: str | None = None, **changes: Any) -> FitResult:
    options: dict[str, Any] = {"epochs": 3, "learning_rate": 0.02, "label": "kind", **CASES[case], **changes}
    torch.manual_seed(0)
    model = options.pop("model", dense)()
    rows, validation = options.pop("rows", ROWS), options.pop("validation", VALIDATION)
    columns, read = options.pop("columns", ("kind",)), options.pop("read", None)
    data = make_data(rows, 1, *columns) if read is None else read(rows, 1)
    return fit(
        model,
        disturb(model, data, way).shuffle(seed=2),
        make_data(validation, 3, *columns),
        out_dir=folder / case,
        device="cpu",
        progress=False,
        **options,
    )


def write_result(folder: Path, case: str, result: FitResult) -> None:
    rank = os.environ.get("RANK", "0")
    found = {**asdict(result), "head": repr(result.head), "threads": torch.get_num_threads()}
    (folder / case / f"rank-{rank}.json").write_text(json.dumps(found, default=str))


def main() -> None:
    folder, cases = Path(sys.argv[1]), sys.argv[2:]
    for case in cases:
        write_result(folder, case, train(folder, case))


if __name__ == "__main__":
    main()
