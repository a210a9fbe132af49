"""Columns that hold no value, or decimals, are transformed as a model that was exported reads them."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import headrace as hr
from headrace import transform as ht
from headrace.errors import SchemaError

TABLE = pa.table(
    {
        "list": [[1.0], [], [2.0, 3.0]],
        "words": [["a"], [], ["b", "a"]],
        "vector": pa.array([[1.0, 2.0]] * 3, pa.list_(pa.float32(), 2)),
        "text": ["x", "y", "x"],
        "float": [1.5, 2.5, 3.5],
        "integer": [1, 2, 3],
    }
)
ROW = {"list": [1.0], "words": ["b"], "vector": [1.0, 2.0], "text": "y", "float": 1.5, "integer": 2}


@pytest.fixture(scope="module")
def transform() -> ht.Transform:
    return ht.analyze(
        lambda x: {
            "list of": ht.to_dense(x["list"], 2, -7.0),
            "words of": ht.to_dense(ht.compute_and_apply_vocabulary(x["words"]), 2, -7),
            "vector of": x["vector"] * 1,
            "text of": ht.compute_and_apply_vocabulary(x["text"]),
            "float of": x["float"] * 1,
            "integer of": x["integer"] * 1,
        },
        TABLE,
    )


CASES: list[tuple[str, Any, Any]] = [
    ("list", [], [-7.0, -7.0]),
    ("list", [None], [math.nan, -7.0]),
    ("words", [], [-7, -7]),
    ("words", [None], [-1, -7]),
    ("vector", [None, None], [math.nan, math.nan]),
    ("text", None, -1),
    ("text", math.nan, -1),
    ("float", Decimal("0.25"), 0.25),
    ("integer", Decimal("2.00"), 2),
    ("vector", [Decimal("1.5"), Decimal("2.0")], [1.5, 2.0]),
]


@pytest.mark.parametrize(("name", "value", "expected"), CASES, ids=str)
def test_a_row_has_one_answer_in_the_transform_and_in_its_file(
    transform: ht.Transform, name: str, value: Any, expected: Any, tmp_path: Path
) -> None:
    transform.to_onnx(tmp_path / "model.onnx")
    model = hr.serving.load(tmp_path / "model.onnx")
    row = [{**ROW, name: value}]
    for found in (transform(row), model.predict(row)):
        assert str(found[f"{name} of"].to_pylist()) == str([expected])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("vector", [], r"record 0: feature 'vector': expected values of shape \[2\], got \[0\]"),
        ("text", [], "feature 'text': expected one value per row, got a list per row"),
        ("text", Decimal(1), "feature 'text': expected a column of string, got decimal128"),
        ("integer", Decimal("2.5"), "record 0: feature 'integer': expected int64, got 2.5"),
    ],
)
def test_what_does_not_fit_is_one_line(transform: ht.Transform, name: str, value: Any, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        transform([{**ROW, name: value}])


def test_strings_that_are_all_missing_in_a_chunk_of_pandas_are_analyzed() -> None:
    frame = pd.DataFrame({"text": ["x", "y", None]})
    chunks = [frame[:2], frame[2:].astype({"text": float})]
    transform = ht.analyze(lambda x: {"text": ht.compute_and_apply_vocabulary(x["text"])}, chunks)
    assert [value for each in chunks for value in transform(each)["text"].to_pylist()] == [0, 1, -1]
