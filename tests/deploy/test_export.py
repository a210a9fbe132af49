"""The exported file computes the same as the transform and the network, for any batch of rows."""

from pathlib import Path

import numpy as np
import onnx
import pyarrow as pa
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.deploy import Classifier, Regressor, export, load
from headrace.errors import ModelError, UsageError


@pytest.mark.parametrize(("start", "rows"), [(0, 1), (3, 2), (7, 33), (0, 40)])
def test_images_of_any_batch_size(images, start: int, rows: int) -> None:
    batch = images.batch.slice(start, rows)
    features = torch.from_numpy(np.stack(batch["image"].to_numpy_ndarray()) / np.float32(255))[:, None]
    with torch.inference_mode():
        expected = images.model.eval()(features.float()).softmax(dim=1).numpy()
    found = load(images.path).run(batch)
    np.testing.assert_allclose(found["probabilities"], expected, atol=1e-5)
    assert found["label"].tolist() == [images.head.class_names[each] for each in expected.argmax(axis=1)]


def test_inputs_have_the_names_of_the_raw_columns_without_the_label(images, offers) -> None:
    assert load(images.path).inputs == {"image": "uint8"}
    assert load(offers.path).inputs == {"text": "string", "price": "float64"}
    assert load(offers.path).outputs == ["sold"]


@pytest.mark.parametrize("rows", [1, 2, 60])
def test_features_by_name_to_one_number_per_row(offers, rows: int) -> None:
    batch = offers.batch.slice(0, rows)
    (tensors,) = hr.Dataset.from_arrow(offers.transform(batch)).to_torch()
    with torch.inference_mode():
        expected = offers.model(**tensors)[:, 0].numpy()
    found = load(offers.path).run(batch)["sold"]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_ragged_rows_without_words(tmp_path: Path) -> None:
    batch = pa.record_batch({"text": pa.array(["one two", "two", "", None, "three"])})
    transform = hr.transform.analyze(
        lambda x: {"words": hr.transform.compute_and_apply_vocabulary(hr.transform.tokenize(x["text"]))},
        [batch],
    )
    bag = hr.nn.BagOfEmbeddings(4, 3)
    head = Classifier()
    model = nn.Sequential(bag, nn.Linear(3, 2))
    path = export(tmp_path / "model.onnx", transform=transform, model=model, head=head)
    alone = torch.softmax(model[1](torch.zeros(1, 3)), dim=1)[0].detach().numpy()
    for texts in ([""], ["", ""], [None, "two", ""]):
        found = load(path).run(pa.record_batch({"text": pa.array(texts, pa.string())}))
        assert found["label"].dtype == np.int64
        np.testing.assert_allclose(found["probabilities"][-1], alone, atol=1e-6)
    whole = load(path).run(batch)["probabilities"]
    for row in range(batch.num_rows):
        one = load(path).run(batch.slice(row, 1))["probabilities"]
        np.testing.assert_allclose(one[0], whole[row], atol=1e-6)


class Distance(nn.Module):
    """Returns 0 for 2**24 + 1 as float32, which cannot represent it, and 1 as float64."""

    def forward(self, x: Tensor) -> Tensor:
        return x - 2.0**24


def test_float64_features_reach_the_model_as_float32(tmp_path: Path) -> None:
    batch = pa.record_batch({"x": pa.array([2.0**24 + 1, 2.0**24 + 2])})
    transform = hr.transform.analyze(lambda x: {"y": x["x"] * 1.0}, [batch])
    assert transform.output_types["y"].dtype == "float64"
    path = export(tmp_path / "m.onnx", transform=transform, model=Distance(), head=Regressor())
    assert load(path).predict(batch).to_pydict() == {"prediction": [0.0, 2.0]}


def test_weights_are_initializers_that_quantize_dynamic_finds(images, offers, tmp_path: Path) -> None:
    from onnxruntime.quantization import quantize_dynamic

    for each in (images, offers):
        model = onnx.load(each.path)
        assert not [node for node in model.graph.node if node.op_type == "Constant"]
        quantize_dynamic(model, tmp_path / "q.onnx")
        quantized = onnx.load(tmp_path / "q.onnx")
        assert [node for node in quantized.graph.node if node.op_type == "MatMulInteger"]
        assert len(quantized.SerializeToString()) < 1e6


def test_outputs_have_named_dimensions(images, offers) -> None:
    def shapes(path: Path) -> list[list]:
        values = onnx.load(path).graph.output
        return [
            [size.dim_param or size.dim_value for size in each.type.tensor_type.shape.dim] for each in values
        ]

    assert shapes(images.path) == [["rows"], ["rows", 3]]
    assert shapes(offers.path) == [["rows"]]


def test_the_file_is_valid_and_no_temporary_file_is_left(images) -> None:
    onnx.checker.check_model(onnx.load(images.path), full_check=True)
    assert [each.name for each in images.path.parent.iterdir()] == ["model.onnx"]


class Untraceable(nn.Module):
    """A model whose control flow depends on the data."""

    def forward(self, x: Tensor) -> Tensor:
        return x if x.sum().item() > 0 else -x


def test_a_model_that_cannot_be_converted_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"the earlier model")
    batch = pa.record_batch({"x": pa.array([1.0, 2.0])})
    transform = hr.transform.analyze(lambda x: {"x": x["x"]}, [batch])
    with pytest.raises(ModelError, match="cannot be converted to ONNX") as caught:
        export(path, transform=transform, model=Untraceable(), head=Regressor())
    assert caught.value.hint is not None
    assert "\n" not in str(caught.value)
    assert [each.name for each in tmp_path.iterdir()] == ["model.onnx"]
    assert path.read_bytes() == b"the earlier model"


def test_a_path_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.mkdir()
    batch = pa.record_batch({"x": pa.array([1.0, 2.0])})
    transform = hr.transform.analyze(lambda x: {"x": x["x"]}, [batch])
    with pytest.raises(UsageError, match="cannot be written") as caught:
        export(path, transform=transform, model=Distance(), head=Regressor())
    assert caught.value.path == str(path)
    assert [each.name for each in tmp_path.iterdir()] == ["model.onnx"]


def test_a_step_shared_by_several_columns_is_exported_once(tmp_path: Path) -> None:
    t = hr.transform

    def features(x):
        logs = [t.log1p(t.fill_missing(x[name], t.mean(x[name]))) for name in "abcd"]
        return {"x": t.concatenate([*logs, logs[0] - logs[1], logs[2] - logs[3]])}

    generator = np.random.default_rng(0)
    batch = pa.record_batch({name: generator.gamma(2.0, size=20) for name in "abcd"})
    transform = t.analyze(features, [batch])
    model = nn.Linear(6, 2)
    path = export(tmp_path / "model.onnx", transform=transform, model=model)
    assert sum(node.op_type == "Log" for node in onnx.load(path).graph.node) == 1
    assert hr.deploy.verify(path, [batch], transform=transform, model=model).passed


def test_the_file_holds_its_signature(images, offers) -> None:
    signature = hr.serving.load(offers.path).signature
    assert signature is not None
    types = {each.name: (each.type, each.shape, each.tensors) for each in signature.inputs}
    assert types == {"text": ("string", (), ("text",)), "price": ("float64", (), ("price",))}
    (output,) = signature.outputs
    assert (output.name, output.type, output.shape, output.kind) == ("sold", "float32", (), "number")
    pictures = hr.serving.load(images.path).signature
    assert pictures is not None
    assert (pictures.inputs[0].type, pictures.inputs[0].shape) == ("uint8", (8, 8))
    assert [(each.name, each.kind, each.classes) for each in pictures.outputs] == [
        ("label", "class", ("shirt", "shoe", "bag")),
        ("probabilities", "probabilities", ("shirt", "shoe", "bag")),
    ]
