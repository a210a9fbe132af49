"""A run on a table as people have it: a date that is read, beside columns that nothing reads."""

import datetime as dt
import json
from pathlib import Path

import headrace as hr
from headrace.deploy import load
from headrace.recipes import Run, RunOptions, execute

from ..cli.commands import run_command

RECIPE = '''"""Guess whether a sale was on a weekend, from the date as cyclic features."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
from torch import nn

import headrace as hr


def load(_data_dir):
    first = dt.datetime(2023, 1, 1, 6)
    sold = [first + dt.timedelta(hours=7 * n) for n in range(300)]
    table = pa.table({
        "sold": pa.array([None if n % 50 == 7 else each for n, each in enumerate(sold)], pa.timestamp("us")),
        "asked": [str(each.date()) for each in sold],
        "weekend": [int(each.weekday() > 4) for each in sold],
        "price": pa.array([Decimal("1.10")] * 300),
        "tags": pa.array([[{"a": 1}, None]] * 300),
        "notes": pa.array([[None, "x"]] * 300),
        "span": pa.array([dt.timedelta(1)] * 300),
        "huge": [1e300] * 300,
        "empty": pa.nulls(300),
        "bytes": [b"\\\\xff"] * 300,
    })
    rows = hr.Dataset.from_arrow(table).shuffle(seed=0)
    return hr.Splits(train=rows.skip(60), test=rows.take(60))


def preprocess(x):
    weekday = hr.transform.fill_missing(hr.transform.date_part(x["sold"], "weekday"), 2.0)
    age = hr.transform.elapsed(x["sold"], since=hr.transform.parse_date(x["asked"]), unit="days")
    return {
        "x": hr.transform.concatenate([hr.transform.cycle(weekday, 7), hr.transform.fill_missing(age, 0.0)]),
        "weekend": x["weekend"],
    }


recipe = hr.Recipe(
    load=load,
    preprocess=preprocess,
    build_model=lambda transform, name: nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2)),
    label="weekend",
    head=hr.deploy.Classifier(("workday", "weekend")),
    epochs=1,
    batch_size=32,
)
'''


def test_a_run_on_dates_ends_in_a_verified_file_that_answers_an_iso_string(tmp_path: Path) -> None:
    recipe = tmp_path / "sales.py"
    recipe.write_text(RECIPE)
    run = Run(RunOptions(str(recipe), shards=1), tmp_path / "run")
    execute(run)
    assert json.loads((run.folder / "verdict.json").read_text())["outputs"]
    assert run.read_verdict().passed
    assert run.open_raw("train").schema.names == ["sold", "asked", "weekend"]
    predictor = load(run.onnx)
    assert [each.type for each in predictor.signature.inputs] == ["timestamp[us]", "string"]
    (batch, *_) = run.open_raw("test").take(20)
    expected = predictor.predict(batch)
    for name in ("t.parquet", "t.jsonl", "t.csv"):
        hr.Dataset.from_arrow(batch).write(tmp_path / name)
        result = run_command("predict", run.onnx, tmp_path / name)
        assert result.code == 0, result.err
        assert [json.loads(line)["label"] for line in result.out.splitlines()] == expected[
            "label"
        ].to_pylist()
    row = {"sold": "2024-03-02T10:00:00+01:00", "asked": "2024-03-01"}
    assert predictor.predict(row).equals(
        predictor.predict({"sold": dt.datetime(2024, 3, 2, 9), "asked": "2024-03-01"})
    )
