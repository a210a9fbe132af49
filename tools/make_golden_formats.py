"""Write tests/golden/formats: one small file or folder of every format that Headrace stores.

    python tools/make_golden_formats.py [DIRECTORY]

The files in the repository were written by the last commit before the source tree was rearranged (25302eb):
the tests show that later versions read them. The script runs on any version.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from torch import nn

import headrace as hr

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden" / "formats"
CITIES = ("Genève", "Malmö", "Porto", "Oslo")
ROWS = 48


def people() -> pa.RecordBatch:
    """Return 48 rows: an age that is missing in every ninth row, a city, a review, a point, a label."""
    row = np.arange(ROWS)
    age = np.where(row % 9 == 0, np.nan, 18 + row * 37 % 61).astype(np.float32)
    point = np.stack([row % 7, row % 5], axis=1).astype(np.float32)
    return pa.record_batch({
        "age": pa.array(age),
        "city": pa.array([CITIES[each * each % 4] for each in row]),
        "review": pa.array([f"a {'good' if each % 3 else 'bad'} film number {each % 5}" for each in row]),
        "point": pa.FixedSizeListArray.from_arrays(pa.array(point.reshape(-1)), 2),
        "label": pa.array((row * 37 % 61 > 30).astype(np.int64)),
    })  # fmt: skip


def preprocess(inputs: Any) -> Any:
    """Use one analyzer of every kind."""
    t = hr.transform
    age = t.fill_missing(inputs["age"], t.mean(inputs["age"]))
    words = t.tokenize_whitespace(inputs["review"])
    vocabulary = t.vocabulary(inputs["city"], vocab_filename="cities", labels=inputs["label"])
    return {
        "age": t.scale_to_z_score(age),
        "by_city": t.scale_by_min_max_per_key(age, inputs["city"]),
        "gaussian": t.scale_to_gaussian(age),
        "bucket": t.bucketize(age, 4),
        "bucket_by_city": t.bucketize_per_key(age, inputs["city"], 3),
        "density": t.estimated_probability_density(age),
        "city": t.apply_vocabulary(inputs["city"], vocabulary),
        "common": t.apply_vocabulary(inputs["city"], t.approximate_vocabulary(inputs["city"], 3)),
        "words": t.compute_and_apply_vocabulary(words, vocab_filename="words"),
        "age_sum": t.scale_by_min_max(age) + t.sum(age) - t.var(age) + t.size(age),
        "label": inputs["label"],
    }


class InterruptionError(Exception):
    """Stops the training in its second epoch."""


def interrupted_training(out_dir: Path, epochs_before: int | None) -> hr.training.FitResult:
    """Train a small network for 2 epochs; stop with `InterruptionError` after `epochs_before`."""
    rows = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    table = pa.record_batch({
        "x": pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1)), 3),
        "label": pa.array((rows[:, 0] > 0).astype(np.int64)),
    })  # fmt: skip
    passes = [0]

    def count(batch: pa.RecordBatch) -> pa.RecordBatch:
        if epochs_before is not None and passes[0] == epochs_before:
            raise InterruptionError
        return batch

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))
    train = hr.Dataset.from_arrow([table]).shuffle(seed=0).map(count)

    class Counted(nn.Module):
        """Counts the passes over the validation rows, one per epoch."""

        def __init__(self) -> None:
            super().__init__()
            self.network = model

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if not self.training:
                passes[0] += 1
            return self.network(x)

    options = {"label": "label", "epochs": 2, "batch_size": 16, "seed": 0, "out_dir": out_dir}
    validation = hr.Dataset.from_arrow([table.slice(0, 16)])
    return hr.training.fit(Counted(), train, validation, **options)


def main(directory: Path) -> None:
    """Write every format into `directory`."""
    directory.mkdir(parents=True)
    os.chdir(directory)
    batch = people()
    transform = hr.transform.analyze(preprocess, [batch], cache_dir="cache")
    transform.save("transform")
    outputs = {name: column.to_pylist() for name, column in zip(*_columns(transform(batch)), strict=True)}
    Path("outputs.json").write_text(json.dumps(outputs), encoding="utf-8")

    written = hr.records.write("people", [batch], shards=2)
    hr.records.write_index(written[0])

    iterator = iter(hr.Dataset.from_records("people").batch(10))
    next(iterator)
    Path("iterator.json").write_text(json.dumps(iterator.state_dict()), encoding="utf-8")

    try:
        interrupted_training(Path("training"), epochs_before=1)
    except InterruptionError:
        print("stopped in the second epoch")

    numbers = hr.transform.analyze(lambda x: {"x": hr.transform.scale_to_0_1(x["age"])}, [batch])
    torch.manual_seed(0)
    network = nn.Sequential(nn.Unflatten(0, (-1, 1)), nn.Linear(1, 2))
    head = hr.deploy.Classifier(["no", "yes"])
    hr.deploy.export("model.onnx", transform=numbers, model=network, head=head)

    sys.path.insert(0, str(ROOT))
    from tests.conftest import write_pipeline

    write_pipeline(Path())
    command = [sys.executable, "-m", "headrace", "run", "my_pipeline.py", "--out-dir", "run"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    Path("run/report.html").unlink()  # large, and read by people only
    journal = Path("run/run.json")
    journal.write_text(journal.read_text().replace(os.fspath(directory), "FOLDER"))


def _columns(batch: pa.RecordBatch) -> tuple[list[str], list[pa.Array]]:
    return batch.schema.names, batch.columns


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else GOLDEN)
