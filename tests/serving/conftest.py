"""Two models that an earlier version exported (see tools/make_golden_models.py), with raw rows for them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest

from headrace.columns import TIMESTAMP, to_arrow
from headrace.serving import SIGNATURE_KEY, Input, Predictor, Signature, load

MODELS = Path(__file__).parents[1] / "golden" / "models"


@dataclass(frozen=True)
class GoldenModel:
    """An exported model, raw rows, and the predictions of the version that exported it."""

    path: Path
    batch: pa.RecordBatch
    predictions: dict[str, Any]


@pytest.fixture
def images() -> GoldenModel:
    """A classifier of uint8 images into shirts, shoes and bags."""
    golden = json.loads((MODELS / "images.json").read_text())
    pixels = to_arrow(np.array(golden["rows"]["image"], np.uint8))
    return GoldenModel(MODELS / "images.onnx", pa.record_batch({"image": pixels}), golden["predictions"])


@pytest.fixture
def offers() -> GoldenModel:
    """A regression from text and a float64 number."""
    golden = json.loads((MODELS / "offers.json").read_text(encoding="utf-8"))
    return GoldenModel(MODELS / "offers.onnx", pa.record_batch(golden["rows"]), golden["predictions"])


@pytest.fixture
def echo(tmp_path: Path) -> Callable[..., Predictor]:
    """Load a model whose outputs are the tensors that it was fed, `x` as `x.out`, with these raw columns."""

    def load_echo(*inputs: Input, signed: bool = True) -> Predictor:
        return load(write_echo(tmp_path / "echo.onnx", inputs, signed))

    return load_echo


def write_echo(path: Path, inputs: Sequence[Input], signed: bool = True) -> Path:
    """Write a model whose outputs are its inputs."""
    nodes, feeds, results = [], [], []
    for each in inputs:
        for tensor in each.tensors:
            is_splits = tensor.endswith(".row_splits")
            dtype = "int64" if is_splits or each.type == TIMESTAMP else each.type
            element = (
                onnx.TensorProto.STRING
                if dtype == "string"
                else onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
            )
            sizes = [None] if len(each.tensors) == 2 else [None, *each.shape]
            feeds.append(onnx.helper.make_tensor_value_info(tensor, element, sizes))
            results.append(onnx.helper.make_tensor_value_info(f"{tensor}.out", element, sizes))
            nodes.append(onnx.helper.make_node("Identity", [tensor], [f"{tensor}.out"]))
    graph = onnx.helper.make_graph(nodes, "echo", feeds, results)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 21)], ir_version=10)
    if signed:
        onnx.helper.set_model_props(model, {SIGNATURE_KEY: Signature(tuple(inputs), ()).to_json()})
    path.write_bytes(model.SerializeToString())
    return path
