"""Preprocessing layers inside an exported network compute what they compute in Python, bit for bit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.columns import to_arrow
from headrace.deploy import Head, export, load, verify
from headrace.errors import HeadraceError, ModelError, SchemaError, UsageError
from headrace.layers import (
    CategoryEncoding,
    CenterCrop,
    Discretization,
    HashedCrossing,
    Hashing,
    IntegerLookup,
    Normalization,
    PreprocessingStage,
    Rescaling,
    Resizing,
    StringLookup,
    TextVectorization,
)

TEXTS = ["b c zz", "", "a, b! D naïve", "c"]
WORDS = ["c", "q", "", "zz"]


class _Raw(Head):
    outputs = ("y",)

    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        return (raw,)


class _Side(nn.Module):
    """Applies layers to the same input, and concatenates their results, float32 [rows, ...]."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Any) -> Tensor:
        results = [layer(x) for layer in self.layers]
        return torch.cat([each.reshape(each.shape[0], -1).float() for each in results], dim=1)


def _integers() -> list[nn.Module]:
    return [
        IntegerLookup(vocabulary=[3, 7, 9]),
        IntegerLookup(vocabulary=[3, 7, 9], output_mode="multi_hot"),
        IntegerLookup(num_oov_indices=2, mask_token=0).adapt([3, 3, 7, 9]),
        IntegerLookup(vocabulary=[3, 7, 9], invert=True),
        CategoryEncoding(10, "multi_hot"),
        Hashing(5, mask_value=3, salt=(1, 2)),
        Normalization().adapt([1, 2, 3]),
    ]


def _pairs() -> list[nn.Module]:
    return [
        IntegerLookup(output_mode="tf_idf").adapt([[3, 7], [7, 9]]),
        CategoryEncoding(10, "multi_hot"),
        CategoryEncoding(10, "count"),
        Hashing(5, output_mode="multi_hot"),
    ]


def _floats() -> list[nn.Module]:
    averaged: Any = Normalization().adapt([1.0, 3.0])
    averaged.statistic_0.fill_(10.0)  # as an average of weights changes it
    return [
        averaged,
        Discretization([0.0, 1.0, 2.0]),
        Discretization([0.0, 1.0, 2.0], output_mode="one_hot"),
        Discretization(num_bins=4).adapt(np.arange(100.0)),
        PreprocessingStage([Normalization(), Discretization(num_bins=2)]).adapt([1.0, 2.0, 30.0, 40.0]),
        nn.Sequential(nn.Softplus(), Discretization([0.5, 1.0]), IntegerLookup(vocabulary=[1, 2])),
    ]


def _images() -> list[nn.Module]:
    return [
        Rescaling(1 / 255, 0.5),
        Resizing(4, 5, crop_to_aspect_ratio=True, antialias=True),
        CenterCrop(2, 4),
    ]


def _strings() -> list[nn.Module]:
    names = StringLookup(vocabulary=["c"], invert=True)
    return [
        StringLookup(vocabulary=["c", "zz"], output_mode="one_hot"),
        StringLookup(mask_token="", num_oov_indices=3, vocabulary=["c"]),
        PreprocessingStage([Hashing(7), CategoryEncoding(7, "multi_hot")]),
        nn.Sequential(StringLookup(vocabulary=["c", "zz"]), nn.Embedding(3, 4)),
        nn.Sequential(StringLookup(vocabulary=["c"]), names, StringLookup(vocabulary=["c"])),
    ]


def _texts() -> list[nn.Module]:
    return [
        TextVectorization(vocabulary=["a", "b"], standardize=None, output_sequence_length=4),
        nn.Sequential(TextVectorization().adapt(TEXTS), hr.nn.BagOfEmbeddings(9, 4)),
    ]


@pytest.mark.parametrize(
    ("make", "x", "type_"),
    [
        (_integers, torch.tensor([3, 7, 0, 9, -1]), "int64"),
        (_pairs, torch.tensor([[3, 7], [0, 9], [3, 3], [1, 1]]), None),
        (_floats, torch.tensor([0.5, -1.0, 2.5, float("nan"), 1.0]), "float32"),
        (_images, torch.arange(3 * 6 * 8 * 3, dtype=torch.uint8).reshape(3, 3, 6, 8), None),
        (_strings, WORDS, "string"),
        (_texts, TEXTS, "string"),
    ],
    ids=["integers", "pairs", "floats", "images", "strings", "texts"],
)
def test_every_layer_that_works_in_a_torch_model_exports(
    tmp_path: Path, make: Callable[[], list[nn.Module]], x: Any, type_: str | None
) -> None:
    """IntegerLookup (aten.sort.stable), Discretization, CategoryEncoding multi_hot, Hashing among them."""
    torch.manual_seed(0)
    model = nn.Sequential(_Side(*make())).eval()
    with torch.no_grad():
        expected = model(x).numpy()
    column = pa.array(x) if isinstance(x, list) else to_arrow(x.numpy())
    batch = pa.record_batch({"x": column})
    inputs = batch.schema if type_ is None else {"x": type_}
    predictor = load(export(tmp_path / "m.onnx", model=model, inputs=inputs, head=_Raw()))
    tolerance = 1e-6 if make is _texts else 0  # bags of embeddings add up in another order
    for start, rows in ((0, len(x)), (1, 1), (1, 3)):
        found = predictor.run(batch.slice(start, rows))["y"]
        np.testing.assert_allclose(found, expected[start : start + rows], rtol=0, atol=tolerance)


class _Person(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.age, self.city = Normalization(mean=3.0, variance=4.0), StringLookup(vocabulary=["Oslo", "Rome"])
        self.tags = StringLookup(vocabulary=["p", "q"], output_mode="multi_hot")
        self.cross = HashedCrossing(6, output_mode="one_hot")
        self.embedding = nn.Embedding(3, 4)

    def forward(self, age: Tensor, city: Any, tags: Any, zip_code: Any) -> Tensor:
        cross = self.cross((city, zip_code))
        return torch.cat([self.embedding(self.city(city)), self.age(age)[:, None], self.tags(tags), cross], 1)


def test_export_needs_no_transform_where_the_layers_are_in_the_model(tmp_path: Path) -> None:
    model = _Person().eval()
    rows = {"age": [1.0, 2.0, 3.0], "city": ["Oslo", "x", "Rome"], "tags": [["p"], [], ["p", "q", "z"]]}
    rows["zip_code"] = [1, 2, 3]
    with torch.no_grad():
        expected = model(torch.tensor(rows["age"]), rows["city"], rows["tags"], rows["zip_code"]).numpy()
    types = {"age": float, "city": str, "tags": "list<string>", "zip_code": pa.int64()}
    path = export(tmp_path / "m.onnx", model=model, inputs=types, head=_Raw(), data=pa.table(rows))
    np.testing.assert_array_equal(load(path).run(pa.record_batch(rows))["y"], expected)
    assert verify(path, [pa.record_batch(rows)], model=model, head=_Raw()).passed
    signature = load(path).signature
    assert signature is not None
    assert {each.name: each.example for each in signature.inputs} == {name: rows[name][0] for name in rows}
    assert signature.inputs[0].maximum == 3.0


def test_a_string_layer_stands_in_an_nn_sequential_and_returns_tensors() -> None:
    model = nn.Sequential(StringLookup(vocabulary=["a", "b"]), nn.Embedding(3, 4))
    assert model(["a", "z"]).shape == (2, 4)
    assert model(np.array(["a", "z"])).shape == (2, 4)
    half = nn.Sequential(StringLookup(vocabulary=["a"], output_mode="one_hot"), nn.Linear(2, 2)).bfloat16()
    assert half(["a"]).dtype == torch.bfloat16
    alone, in_stage = StringLookup(vocabulary=["a"]), Rescaling(2.0)
    PreprocessingStage([in_stage])
    assert isinstance(alone(["a"]), np.ndarray)
    assert isinstance(in_stage([1.0]), np.ndarray)
    batches = hr.Dataset.from_arrays({"x": ["a", "b"]}).map(model[0].on("x"))  # pyright: ignore[reportCallIssue]
    assert next(iter(batches))["x"].to_pylist() == [1, 2]


@pytest.mark.parametrize(
    ("model", "inputs", "error", "message"),
    [
        (nn.Linear(1, 1), None, UsageError, "either a transform or inputs"),
        (nn.Linear(1, 1), {}, UsageError, "expected columns, got none"),
        (nn.Linear(1, 1), ["x"], UsageError, "expected column to type"),
        (nn.Linear(1, 1), {"x": "strnig"}, SchemaError, "'x': inputs: expected a type, got 'strnig'"),
        (nn.Linear(1, 1), {"x": 3}, SchemaError, "'x': inputs: expected a type, got 3"),
        (nn.Linear(1, 1), {"x": "string"}, SchemaError, "'x': expected numbers for the network, got string"),
        (
            nn.Sequential(nn.Embedding(3, 1), StringLookup(vocabulary=["a"])),
            {"x": "string"},
            ModelError,
            r"the model fails on x string\[3\]: .*; call a layer of headrace.layers",
        ),
        (nn.Sequential(StringLookup(), nn.Embedding(3, 1)), {"x": "string"}, UsageError, "is not adapted"),
        (nn.Sequential(Normalization(mean=1, variance=1)), {"x": "string"}, HeadraceError, "expects numbers"),
    ],
)
def test_what_cannot_be_exported_is_one_line(
    tmp_path: Path, model: nn.Module, inputs: Any, error: type[HeadraceError], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        export(tmp_path / "m.onnx", model=model, inputs=inputs, head=_Raw())
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())
