"""The base class: adapting to any form of data; use on data, in a torch model and in a transform."""

from __future__ import annotations

import copy

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest
import torch
from torch import nn

import headrace as hr
from headrace.columns import Ragged
from headrace.errors import SchemaError, TraceError, UsageError
from headrace.layers import Discretization, Normalization, PreprocessingLayer, PreprocessingStage, Rescaling

VALUES = np.random.default_rng(0).normal(3, 2, 500).astype(np.float32)


class Standardization(PreprocessingLayer):
    """A custom layer."""

    def call(self, x: hr.transform.Column) -> hr.transform.Column:
        return (x - hr.transform.mean(x)) / hr.transform.sqrt(hr.transform.var(x))


def expected(values: np.ndarray) -> np.ndarray:
    return (values - VALUES.mean(dtype=np.float64)) / VALUES.std(dtype=np.float64)


@pytest.mark.parametrize(
    "sample",
    [
        VALUES.tolist(),
        VALUES,
        VALUES.astype(np.float64),
        torch.from_numpy(VALUES),
        pa.array(VALUES),
        pa.chunked_array([VALUES[:200], VALUES[200:]]),
        pa.table({"any": VALUES}),
        [pa.record_batch({"any": VALUES[:7]}), pa.record_batch({"any": VALUES[7:]})],
        hr.Dataset.from_arrays({"any": VALUES}).batch(64),
        (part for part in np.array_split(VALUES, 5)),
    ],
    ids=lambda sample: type(sample).__name__,
)
def test_adapts_to_any_form_of_data(sample: object) -> None:
    layer = Standardization().adapt(sample)
    np.testing.assert_allclose(layer(VALUES[:9]), expected(VALUES[:9]), rtol=1e-5, atol=1e-6)


def test_output_form_follows_the_input() -> None:
    layer = Standardization().adapt(VALUES)
    plain = layer([3.0, 5.0])
    assert isinstance(plain, np.ndarray)
    assert plain.dtype == np.float32
    assert layer(np.array([3.0, 5.0])).tolist() == plain.tolist()
    tensor = layer(torch.tensor([3.0, 5.0]))
    assert isinstance(tensor, torch.Tensor)
    assert tensor.tolist() == plain.tolist()
    arrow = layer(pa.array([3.0, 5.0]))
    assert isinstance(arrow, pa.Array)
    assert arrow.to_pylist() == plain.tolist()
    np.testing.assert_allclose(layer([3, 5]), plain, rtol=1e-5)  # integers are computed in float64


def test_lists_of_different_lengths() -> None:
    layer = Rescaling(2.0)
    assert layer([[1.0], [], [2.0, 3.0]]) == [[2.0], [], [4.0, 6.0]]
    ragged = layer(Ragged(torch.tensor([1.0, 2.0]), torch.tensor([0, 0, 2])))
    assert isinstance(ragged.values, torch.Tensor)
    assert (ragged.values.tolist(), ragged.row_splits.tolist()) == ([2.0, 4.0], [0, 0, 2])


def test_more_data_updates_or_replaces_the_state() -> None:
    layer = Normalization(axis=None).adapt([1.0, 2.0])
    layer.adapt([3.0, 4.0], reset_state=False)
    whole = Normalization(axis=None).adapt([1.0, 2.0, 3.0, 4.0])
    assert layer([9.0]).tolist() == whole([9.0]).tolist()
    layer.adapt([5.0, 7.0])
    assert [float(value) for value in layer.statistics.values()] == [6.0, 1.0]


def test_a_chain_cannot_be_updated() -> None:
    stage = PreprocessingStage([Normalization(), Discretization(num_bins=2)]).adapt([1.0, 2.0, 30.0, 40.0])
    assert stage([0.0, 50.0]).tolist() == [0, 1]
    with pytest.raises(UsageError, match="depends on another statistic"):
        stage.adapt([1.0], reset_state=False)
    with pytest.raises(UsageError, match="one-shot iterator"):
        stage.adapt(iter([np.array([1.0, 2.0])]))
    assert stage.adapt([100.0, 200.0, 300.0, 400.0])([150.0, 310.0]).tolist() == [0, 1]


def test_in_a_torch_model_statistics_are_buffers() -> None:
    rows = np.random.default_rng(1).normal(size=(100, 3))
    model = nn.Sequential(Normalization().adapt(rows), nn.Linear(3, 1))
    assert model(torch.zeros(2, 3)).shape == (2, 1)
    other = nn.Sequential(Normalization().adapt(rows + 1), nn.Linear(3, 1))
    other.load_state_dict(model.state_dict())
    x = torch.randn(5, 3)
    assert torch.equal(other(x), model(x))
    assert torch.equal(copy.deepcopy(model)(x), model(x))
    assert torch.equal(torch.export.export(model, (x,)).module()(x), model(x))
    assert [buffer.dtype for buffer in model.double().buffers()] == [torch.float64] * 2


@pytest.mark.parametrize("adapted", [False, True])
def test_in_a_transform_and_its_onnx_file(adapted: bool) -> None:
    batch = pa.record_batch({"x": VALUES})
    layer = Standardization("z")
    if adapted:
        layer.adapt(VALUES)
    transform = hr.transform.analyze(lambda inputs: {"y": layer(inputs["x"])}, [batch])
    alone = Standardization().adapt(VALUES)(VALUES)
    assert transform(batch)["y"].to_numpy().tolist() == alone.tolist()
    session = onnxruntime.InferenceSession(transform.to_onnx().SerializeToString())
    assert session.run(None, {"x": VALUES})[0].tolist() == alone.tolist()


def test_two_adapted_layers_in_one_transform(tmp_path) -> None:
    a, b = Standardization().adapt([1.0, 3.0]), Standardization().adapt([10.0, 30.0])
    batch = pa.record_batch({"x": [2.0]})
    transform = hr.transform.analyze(lambda inputs: {"a": a(inputs["x"]), "b": b(inputs["x"])}, [batch])
    transform.save(tmp_path / "t")
    assert hr.Transform.load(tmp_path / "t")(batch).to_pydict() == {"a": [0.0], "b": [-1.8]}


def test_a_layer_without_statistics_accepts_any_input() -> None:
    layer = Rescaling(1 / 4, offset=-1)
    assert layer([0, 4]).tolist() == [-1.0, 0.0]
    assert layer(np.zeros((2, 3), np.uint8)).tolist() == [[-1.0] * 3] * 2
    assert layer(torch.tensor([[8.0]])).tolist() == [[1.0]]
    assert not layer.state_dict()


def test_errors_name_the_remedy() -> None:
    with pytest.raises(UsageError, match=r"'fresh' is not adapted; adapt it first"):
        Standardization("fresh")([1.0])
    with pytest.raises(UsageError, match="expected data to adapt to, got none"):
        Standardization().adapt([])
    with pytest.raises(SchemaError, match=r"expected one column, got a, b; select one"):
        Standardization().adapt(pa.table({"a": [1.0], "b": [1.0]}))
    layer = Normalization().adapt(np.ones((2, 3)))
    with pytest.raises(SchemaError, match=r"expected rows of shape \[3\], got \[4\]; give"):
        layer(np.ones((2, 4)))
    with pytest.raises(TraceError, match="mean expects numbers, got string"):
        layer(["a", "b"])
    with pytest.raises(SchemaError, match="expected values of one type"):
        layer([1.0, "a", None])
    with pytest.raises(NotImplementedError, match="PreprocessingLayer has no `call`"):
        PreprocessingLayer()([1.0])
