"""`fill_missing` works on columns that happened to be whole numbers in training; types may differ later."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import headrace as hr
from headrace import transform as t

WHOLE = pa.record_batch({"age": [10, 20, 30], "size": [1, 2, 3], "sizes": [[1], [2], [3, 4]]})


def test_fill_missing_works_on_columns_that_happened_to_be_whole_numbers_in_training(tmp_path: Path) -> None:
    transform = t.analyze(lambda x: {"age": t.fill_missing(x["age"], t.mean(x["age"]))}, [WHOLE])
    for data in ({"age": [5, None]}, {"age": [5.0, float("nan")]}, pd.DataFrame({"age": [5, None]})):
        assert transform(data)["age"].to_pylist() == [5.0, 20.0]
    transform.to_onnx(tmp_path / "age.onnx")
    predictor = hr.serving.load(tmp_path / "age.onnx")
    assert predictor.predict([{"age": 5}, {"age": None}])[0].to_pylist() == [5.0, 20.0]


def test_files_of_which_one_has_a_missing_cell_and_another_has_none(tmp_path: Path) -> None:
    (tmp_path / "whole.csv").write_text("age\n10\n20\n")
    (tmp_path / "missing.csv").write_text("age,y\n10,1\n,1\n")
    whole, missing = (hr.Dataset.from_csv(tmp_path / f"{name}.csv") for name in ("whole", "missing"))
    for data in (whole, missing):
        transform = t.analyze(lambda x: {"age": t.fill_missing(x["age"], 7)}, data)
        assert [row for batch in whole.map(transform) for row in batch["age"].to_pylist()] == [10.0, 20.0]
        assert [row for batch in missing.map(transform) for row in batch["age"].to_pylist()] == [10.0, 7.0]


@pytest.mark.parametrize(
    ("function", "read"),
    [
        (lambda x: t.fill_missing(x["age"] + x["size"], 0), {"age": "float64", "size": "float64"}),
        (lambda x: t.fill_missing(t.cast(x["age"], "float32"), 0), {"age": "float64"}),
        (lambda x: t.cast(t.is_missing(x["age"]), "int64"), {"age": "float64"}),
        (lambda x: t.fill_missing(x["sizes"], 0), {"sizes": "float64"}),
        (lambda x: t.fill_missing(x["age"] * 1.5, 0) + x["size"], {"age": "float64", "size": "int64"}),
        (lambda x: x["age"] + 1, {"age": "int64"}),
    ],
)  # fmt: skip
def test_only_columns_whose_missing_values_are_handled_are_read_as_floats(function: Any, read: Any) -> None:
    transform = t.analyze(lambda x: {"y": function(x)}, [WHOLE])
    assert {name: type_.dtype for name, type_ in transform.input_types.items()} == read


def test_numbers_of_other_types_than_in_training_are_cast_where_they_fit() -> None:
    transform = t.analyze(lambda x: {"age": x["age"] * 2, "size": x["size"]}, [WHOLE])
    found = transform({"age": np.array([1, 2], np.uint8), "size": [1.0, 2.0]})
    assert found.to_pydict() == {"age": [2, 4], "size": [1, 2]}
    assert found.schema == transform.output_schema
    for wrong, what in (([1, 1.5], "got 1.5"), ([1, 2**63], "got 9223")):
        with pytest.raises(hr.SchemaError, match=what) as caught:
            transform({"age": wrong, "size": [1, 2]})
        assert (caught.value.feature, caught.value.record) == ("age", 1)
    for missing in ([1, None], [1.0, float("nan")]):
        with pytest.raises(hr.SchemaError, match="missing"):
            transform({"age": missing, "size": [1, 2]})
    floats = t.analyze(lambda x: {"y": x["y"]}, [pa.record_batch({"y": [0.5]})])
    assert floats({"y": [2**53]})["y"].to_pylist() == [2.0**53]
    with pytest.raises(hr.SchemaError, match="got 9007199254740993"):
        floats({"y": [2**53 + 1]})
