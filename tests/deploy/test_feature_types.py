"""Features that a network cannot take are refused by name; float16 is traced as it is trained."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import nn

import headrace as hr
from headrace.columns import ColumnType, column_type, from_arrow
from headrace.errors import ModelError, SchemaError


class _Network(nn.Module):
    def __init__(self, message: str = "") -> None:
        super().__init__()
        self.last = nn.Linear(1, 1)
        self.message = message

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.message:
            raise ValueError(self.message)
        return self.last(x.float()[:, None])


def _analyze(values: pa.Array) -> tuple[hr.Transform, pa.RecordBatch]:
    batch = pa.record_batch({"x": values})
    return hr.transform.analyze(lambda inputs: {"x": inputs["x"]}, [batch]), batch


def test_float16_features(tmp_path: Path) -> None:
    transform, batch = _analyze(pa.array(np.array([0.1, 2], np.float16)))
    network, head = _Network(), hr.deploy.Regressor()
    file = hr.deploy.export(tmp_path / "model.onnx", transform=transform, model=network, head=head)
    assert hr.serving.load(file).inputs == {"x": "float16"}
    assert hr.deploy.verify(file, [batch], transform=transform, model=network, head=head).passed


@pytest.mark.parametrize("ragged", [False, True])
def test_strings_are_refused_by_name(tmp_path: Path, ragged: bool) -> None:
    type_ = pa.list_(pa.string()) if ragged else pa.string()
    schema = pa.schema({"age": pa.float32(), "city": type_})
    with pytest.raises(SchemaError, match=r"feature 'city': expected numbers .*without\('city'\)"):
        hr.deploy.export(tmp_path / "m.onnx", inputs=schema, model=_Network())


def test_the_message_of_a_failing_model_is_whole_and_does_not_blame_the_exporter(tmp_path: Path) -> None:
    transform, _ = _analyze(pa.array([1.0]))
    network = _Network("the first line\nand the second")
    with pytest.raises(
        ModelError, match=r"fails on x float32\[3\]: ValueError: the first line and the second"
    ):
        hr.deploy.export(tmp_path / "model.onnx", transform=transform, model=network)


@pytest.mark.parametrize(
    "values",
    [
        pa.array([[[1], [2, 3]]]),
        pa.array([[[1, 2]]], pa.list_(pa.list_(pa.int64(), 2))),
        pa.array([[{"a": 1}]]),
        pa.array([[[1]]], pa.large_list(pa.large_list(pa.int64()))),
        pa.array([[[1], [2]]], pa.list_(pa.list_(pa.int64()), 2)),
    ],
    ids=lambda values: str(values.type),
)
def test_nested_lists_are_refused_as_tensors(values: pa.Array) -> None:
    rows = hr.Dataset.from_arrow(pa.table({"x": values}))
    with pytest.raises(SchemaError, match=r"feature 'x': expected a column of numbers, .* flatten or pad"):
        list(rows.to_torch())


def test_nested_lists_of_fixed_sizes_are_tensors() -> None:
    type_ = pa.list_(pa.list_(pa.list_(pa.int64(), 2), 1), 3)
    values = pa.array(np.arange(24).reshape(4, 3, 1, 2).tolist(), type_)
    assert column_type(pa.field("x", type_)) == ColumnType("int64", (3, 1, 2))
    assert from_arrow(values[1:]).tolist() == np.arange(6, 24).reshape(3, 3, 1, 2).tolist()
    (batch,) = hr.Dataset.from_arrow(pa.table({"x": values})).to_torch()
    assert batch["x"].tolist() == np.arange(24).reshape(4, 3, 1, 2).tolist()
    missing = pa.array([[[[0, 1]], None, [[4, 5]]]], type_)
    with pytest.raises(SchemaError, match="missing values"):
        from_arrow(missing, "x")
