"""Generated models and rows, and twelve ways to give one row to a model.

`python -m tests.serving.twelve_ways --examples 2000` tries more than the tests do.
"""

import argparse
import csv
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

import headrace as hr
from headrace.columns import Ragged, from_arrow
from headrace.data.formats import Origin
from headrace.deploy.signature.describe_graph import describe_graph
from headrace.errors import HeadraceError, UsageError
from headrace.serving import SIGNATURE_KEY, Input, Predictor, Signature, load
from headrace.serving.files.read_rows import RowReader

t = hr.transform
NAMES = ("age", "home.dest", "a b", "label", "größe", "x.values")
WORDS = (
    "",
    "NA",
    "null",
    "nan",
    "true",
    "01234",
    "1e5",
    'say "hi"',
    "a,b",
    "two\nlines",
    "\u2028",
    "İ",
    "3.0",
)
TIMES = (
    datetime(1970, 1, 1),
    datetime(1969, 12, 31, 23, 59, 59, 999_999),
    datetime(2024, 2, 29, 12),
    datetime(1, 1, 1),
    datetime(9999, 12, 31, 23, 0, 0, 1),
)
Op = Callable[[Any], Any]


@dataclass(frozen=True)
class Kind:
    """A kind of column: its type in training, the values of a cell, and what a transform makes of it."""

    type: pa.DataType
    values: st.SearchStrategy[Any]
    ops: tuple[Op, ...]


FLOATS = st.sampled_from([0.0, -0.0, 0.5, 70.0, -3.25, 2.0**99, float(2**24)])
WORD = st.sampled_from(WORDS)
KINDS = {
    "float64": Kind(
        pa.float64(),
        FLOATS,
        (
            lambda x: x,
            t.scale_to_z_score,
            lambda x: t.fill_missing(x, t.mean(x)),
            lambda x: t.cast(t.is_missing(x), "int64"),
        ),
    ),
    "float32": Kind(pa.float32(), FLOATS, (lambda x: x, lambda x: t.fill_missing(x, 1.5), t.scale_to_0_1)),
    "int64": Kind(
        pa.int64(),
        st.sampled_from([0, 1, -7, 3, 2**31, 2**53]),
        (lambda x: x, lambda x: t.fill_missing(x, t.mean(x)), t.scale_to_z_score),
    ),
    "int32": Kind(pa.int32(), st.sampled_from([0, 3, -(2**31)]), (lambda x: x, lambda x: x * 2)),
    "uint8": Kind(
        pa.uint8(), st.sampled_from([0, 1, 255]), (lambda x: t.cast(x, "float32"), lambda x: t.one_hot(x, 4))
    ),
    "bool": Kind(pa.bool_(), st.booleans(), (lambda x: t.cast(x, "int64"),)),
    "string": Kind(
        pa.string(),
        WORD,
        (
            lambda x: t.compute_and_apply_vocabulary(x, num_oov_buckets=2),
            lambda x: t.compute_and_apply_vocabulary(t.fill_missing(x, "?"), num_oov_buckets=1),
            lambda x: t.compute_and_apply_vocabulary(t.tokenize(x), num_oov_buckets=3),
        ),
    ),
    "words": Kind(
        pa.list_(pa.string()),
        st.lists(WORD, max_size=3),
        (lambda x: t.compute_and_apply_vocabulary(x, num_oov_buckets=2),),
    ),
    "sizes": Kind(pa.list_(pa.float32()), st.lists(FLOATS, max_size=3), (lambda x: x, lambda x: x * 2)),
    "time": Kind(
        pa.timestamp("us"),
        st.sampled_from(TIMES),
        (
            lambda x: t.date_part(x, "month"),
            lambda x: t.date_part(x, "hour", missing=-1),
            lambda x: t.elapsed(x, since="2020-02-29", unit="days"),
        ),
    ),
    "day": Kind(
        pa.date32(),
        st.sampled_from([each.date() for each in TIMES]),
        (lambda x: t.date_part(x, "weekday"), lambda x: t.date_part(x, "year", missing=0)),
    ),
    "place": Kind(pa.list_(pa.float32(), 3), st.lists(FLOATS, min_size=3, max_size=3), (lambda x: x,)),
}


@dataclass(frozen=True)
class Case:
    """A model, and one row for it.

    Attributes:
        schema: The columns as in training.
        ops: What is made of each.
        rows: The training data.
        row: The row to answer; some values may be missing.
        is_loose: Whether numbers are written as other programs write them: 3.0 for an integer, 1 for true.
    """

    schema: pa.Schema
    ops: Mapping[str, Op]
    rows: list[dict[str, Any]]
    row: dict[str, Any]
    is_loose: bool


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Generate a case of one to four columns."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    kinds = {name: KINDS[draw(st.sampled_from(sorted(KINDS)))] for name in names}
    row = st.fixed_dictionaries({name: kind.values for name, kind in kinds.items()})
    missing = draw(st.sets(st.sampled_from(names), max_size=1)) if draw(st.booleans()) else set[str]()
    served = draw(row)
    return Case(
        pa.schema([(name, kind.type) for name, kind in kinds.items()]),
        {name: draw(st.sampled_from(kind.ops)) for name, kind in kinds.items()},
        draw(st.lists(row, min_size=3, max_size=5)),
        {name: None if name in missing else value for name, value in served.items()},
        draw(st.booleans()),
    )


def to_transform(case: Case) -> Any:
    """Analyze the transform of a case."""
    batch = pa.RecordBatch.from_pylist(case.rows, case.schema)
    return t.analyze(lambda x: {f"y {name}": op(x[name]) for name, op in case.ops.items()}, [batch])


def save(transform: Any, path: Path) -> Predictor:
    """Write a transform as a model with a signature, and load it."""
    model, known = transform.to_onnx(), describe_graph(transform)
    inputs = tuple(
        Input(
            name,
            type_.dtype,
            (None,) if type_.ragged else type_.shape,
            (f"{name}.values", f"{name}.row_splits") if type_.ragged else (name,),
            encoding=transform.graph.encodings.get(name),
            **known[name],
        )
        for name, type_ in transform.input_types.items()
    )
    onnx.helper.set_model_props(model, {SIGNATURE_KEY: Signature(inputs, ()).to_json()})
    path.write_bytes(model.SerializeToString())
    return load(path, threads=1)


def loosen(case: Case) -> dict[str, Any]:
    """Write the values of a row as other programs write them."""
    if not case.is_loose:
        return case.row
    return {name: _loosen(case.schema.field(name).type, value) for name, value in case.row.items()}


def _loosen(type_: pa.DataType, value: Any) -> Any:
    if pa.types.is_integer(type_) and value is not None:
        return float(value)
    if pa.types.is_boolean(type_) and value is not None:
        return int(value)
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) <= 2**53
    return int(value) if is_whole and str(value) != "-0.0" else value


def list_ways(case: Case, folder: Path) -> dict[str, Callable[[], Any]]:
    """List the ways by name: functions that return what `Predictor.run` takes."""
    row = {"other": "extra", **loosen(case)}
    typed = pa.Table.from_pylist([case.row], case.schema)
    inferred = pa.Table.from_pylist([row])

    def read(name: str) -> Callable[[Predictor], pa.RecordBatch]:
        def read_with(predictor: Predictor) -> pa.RecordBatch:
            (batch,) = RowReader(Origin(str(folder / name)), predictor.columns, ()).read()
            return batch

        return read_with

    with (folder / "row.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([row, [_to_cell(value) for value in row.values()]])
    (folder / "row.json").write_text(json.dumps([row], indent=2, default=_to_iso), encoding="utf-8")
    line = json.dumps(row, ensure_ascii=False, default=_to_iso)
    (folder / "row.jsonl").write_text(line + "\n", encoding="utf-8")
    pq.write_table(inferred, folder / "row.parquet")
    hr.records.write(folder / "row.tfrecord", typed)
    return {
        "dict": lambda _: dict(reversed(row.items())),
        "dict of lists": lambda _: {name: [value] for name, value in row.items()},
        "list of dicts": lambda _: [row],
        "pandas": lambda _: pd.DataFrame([row]),
        "Polars": lambda _: pl.DataFrame([row]),
        "Arrow": lambda _: inferred,
        "NumPy": lambda _: {name: _to_numpy(value) for name, value in row.items()},
        "CSV": read("row.csv"),
        "JSON": read("row.json"),
        "JSON lines": read("row.jsonl"),
        "Parquet": read("row.parquet"),
        "TFRecord": read("row.tfrecord"),
    }  # fmt: skip


def _to_cell(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value)
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def _to_iso(value: date) -> str:
    return value.isoformat()


def _to_numpy(value: Any) -> np.ndarray:
    if isinstance(value, list) or value is None:
        array = np.empty(1, object)
        array[0] = value
        return array
    return np.array([value])


def expected(transform: Any, case: Case) -> dict[str, Any] | HeadraceError:
    """Compute the row in the training path, or return its refusal."""
    batch = pa.RecordBatch.from_pylist([case.row], case.schema)
    try:
        features = transform(batch)
    except HeadraceError as error:
        return error
    return {name: from_arrow(features[name]) for name in features.schema.names}


def check(case: Case) -> None:
    """Check that each way gives the training path's bits, or names the field that the training path names."""
    with tempfile.TemporaryDirectory() as folder:
        transform = to_transform(case)
        predictor = save(transform, Path(folder) / "model.onnx")
        right = expected(transform, case)
        for way, make in list_ways(case, Path(folder)).items():
            try:
                found = predictor.run(make(predictor))
            except HeadraceError as error:
                _check_refusal(way, error, right)
                continue
            assert not isinstance(right, HeadraceError), (way, right)
            for name, value in right.items():
                _check_bits(way, name, value, found)


def _check_refusal(way: str, error: HeadraceError, right: Any) -> None:
    """Check that an error names the field that the training path names, or one whose form is unclear."""
    if isinstance(error, UsageError) and "holds no values: one row, or a list per row" in str(error):
        return
    assert isinstance(right, HeadraceError), (way, error)
    assert error.feature == right.feature, (way, error)
    assert "\n" not in str(error)


def _check_bits(way: str, name: str, value: Any, found: Mapping[str, np.ndarray]) -> None:
    if isinstance(value, Ragged):
        _check_bits(way, f"{name}.values", value.values, found)
        _check_bits(way, f"{name}.row_splits", value.row_splits, found)
        return
    got = found[name]
    assert (got.dtype, got.shape) == (value.dtype, value.shape), (way, name)
    np.testing.assert_array_equal(got, value, err_msg=f"{way}: {name}")
    if value.dtype.kind == "f":
        known = ~np.isnan(value)
        assert (np.signbit(got) == np.signbit(value))[known].all(), (way, name)


def main() -> None:
    """Try many cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=2000)
    examples = parser.parse_args().examples
    settings(max_examples=examples, deadline=None, database=None)(given(cases())(check))()
    print(f"{examples:,} cases, twelve ways each")


if __name__ == "__main__":
    main()
