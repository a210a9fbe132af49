"""Columns that nothing uses never stop a run, of any Arrow type."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

import headrace as hr
from headrace.deploy import Classifier, export, verify
from headrace.serving import load

from ..cli.commands import run_command

ROWS = 60
UNUSED: dict[str, pa.Array] = {
    "timestamp": pa.array([dt.datetime(2024, 1, 1)] * ROWS, pa.timestamp("ns", "Asia/Tokyo")),
    "date": pa.array([dt.date(2024, 1, 1)] * ROWS),
    "time": pa.array([dt.time(1)] * ROWS),
    "decimal": pa.array([Decimal("1.10")] * ROWS),
    "list of structs": pa.array([[{"a": 1, "b": "x"}]] * ROWS),
    "struct": pa.array([{"a": 1}] * ROWS),
    "map": pa.array([[("k", 1)]] * ROWS, pa.map_(pa.string(), pa.int64())),
    "duration": pa.array([dt.timedelta(1)] * ROWS),
    "binary": pa.array([b"\xff\xfe"] * ROWS),
    "fixed binary": pa.array([b"\xff\xfe"] * ROWS, pa.binary(2)),
    "null": pa.nulls(ROWS),
    "list of lists": pa.array([[[1], [2]]] * ROWS),
    "integers with nulls": pa.array([1, None] * (ROWS // 2)),
    "booleans with nulls": pa.array([True, None] * (ROWS // 2)),
    "dictionary": pa.array([5] * ROWS).dictionary_encode(),
    "string view": pa.array(["a"] * ROWS, pa.string_view()),
    "views in a map": pa.array([[("k", "v")]] * ROWS, pa.map_(pa.string(), pa.string_view())),
}
X = np.random.default_rng(0).standard_normal(ROWS)
TABLE = pa.table({**UNUSED, "x": X, "label": pa.array((X > 0).astype(np.int64))})
HEAD = Classifier(["no", "yes"])
PREPROCESS = """
import headrace as hr

def preprocess(x):
    return {"x": hr.transform.reshape(hr.transform.scale_to_z_score(x["x"]), (1,)), "label": x["label"]}
"""


def preprocess(x: Any) -> dict[str, Any]:
    return {"x": hr.transform.reshape(hr.transform.scale_to_z_score(x["x"]), (1,)), "label": x["label"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unused")
    pq.write_table(TABLE, folder / "t.parquet")
    with pa.ipc.new_file(folder / "t.arrow", TABLE.schema) as file:
        file.write_table(TABLE)
    (folder / "preprocess.py").write_text(PREPROCESS)
    return folder


SOURCES: dict[str, Callable[[Path], hr.Dataset]] = {
    "Arrow": lambda _: hr.Dataset.from_arrow(TABLE),
    "Parquet": lambda folder: hr.Dataset.from_parquet(folder / "t.parquet"),
    "Arrow IPC": lambda folder: hr.Dataset.from_arrow_ipc(folder / "t.arrow"),
}


@pytest.mark.parametrize("source", SOURCES)
def test_analyze_and_transform(source: str, folder: Path) -> None:
    data = SOURCES[source](folder)
    transform = hr.transform.analyze(preprocess, data)
    assert transform.reads == ("x", "label")
    rows = data.shuffle(seed=0).map(transform)
    assert sum(batch.num_rows for batch in rows.batch(7)) == ROWS


def test_fit_export_verify_and_predict(folder: Path, tmp_path: Path) -> None:
    data = hr.Dataset.from_parquet(folder / "t.parquet")
    transform = hr.transform.analyze(preprocess, data)
    network = torch.nn.Linear(1, 2)
    parts, run = data.map(transform).split(0.8, 0.2, seed=0), tmp_path / "run"
    hr.training.fit(network, *parts, label="label", out_dir=run, epochs=1, progress=False)
    serving = transform.without("label")
    path = export(tmp_path / "m.onnx", transform=serving, model=network, head=HEAD, data=data)
    assert verify(path, data, transform=serving, model=network, head=HEAD).passed
    predictor = load(path)
    expected = predictor.predict({"x": X})
    assert predictor.predict(TABLE).equals(expected)
    assert predictor.predict(TABLE.slice(0, 2).to_pylist()).equals(expected.slice(0, 2))
    row = {name: column[0].as_py() for name, column in zip(TABLE.column_names, TABLE.columns, strict=True)}
    assert predictor.predict(row).equals(expected.slice(0, 1))
    assert transform.write(data, tmp_path / "out.parquet") == [str(tmp_path / "out.parquet")]


@pytest.mark.parametrize("name", ["t.parquet", "t.arrow"])
def test_the_command_line_analyzes_and_transforms(name: str, folder: Path, tmp_path: Path) -> None:
    for words in (
        ["analyze", folder / name, "--preprocess", folder / "preprocess.py", "--out", tmp_path / "t"],
        ["transform", folder / name, "--transform", tmp_path / "t", "--out", tmp_path / "out.parquet"],
    ):
        result = run_command(*words)
        assert result.code == 0, result.err
    assert pq.read_table(tmp_path / "out.parquet").num_rows == ROWS


@pytest.mark.parametrize("name", UNUSED)
def test_rows_are_shuffled_with_a_column_of_any_type(name: str, tmp_path: Path) -> None:
    table = TABLE.select([name, "x"])
    pq.write_table(table, tmp_path / "t.parquet")
    with pa.ipc.new_file(tmp_path / "t.arrow", table.schema) as file:
        file.write_table(table)
    for data in (
        hr.Dataset.from_arrow(table),
        hr.Dataset.from_parquet(tmp_path / "t.parquet"),
        hr.Dataset.from_arrow_ipc(tmp_path / "t.arrow"),
    ):
        assert sorted(value for batch in data.shuffle(seed=0) for value in batch["x"].to_pylist()) == sorted(
            X
        )


def test_text_in_a_map_is_checked() -> None:
    bad = pa.array([b"caf\xe9"]).view(pa.string())
    for keys, items in ((pa.array(["k"]), bad), (bad, pa.array(["v"]))):
        maps = pa.MapArray.from_arrays(pa.array([0, 0, 1], pa.int32()), keys, items)
        with pytest.raises(hr.SchemaError, match=r"record 1: feature 'x': expected UTF-8, got b'caf\\xe9'"):
            list(hr.Dataset.from_arrow(pa.table({"x": maps})))


def test_a_date_that_parquet_cannot_hold_is_refused_in_one_line(tmp_path: Path) -> None:
    far = pa.array([2**60]).view(pa.timestamp("s"))
    with pytest.raises(hr.SchemaError, match="feature 'far': Parquet cannot hold a value") as caught:
        hr.Dataset.from_arrow(pa.table({"x": [1.0], "far": far})).write(tmp_path / "t.parquet")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "t.parquet").exists()
