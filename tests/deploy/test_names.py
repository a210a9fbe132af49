"""Names of columns, features and outputs in one exported file."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.deploy import Classifier, Head, Regressor, export, load, verify
from headrace.deploy.served_model import served_model
from headrace.errors import SchemaError
from headrace.training import fit

t = hr.transform
NUMBERS = pa.array(np.arange(8.0))


class WeightedSum(nn.Module):
    """Features of any names, each with a weight of its own."""

    def __init__(self, outputs: int = 1) -> None:
        super().__init__()
        self.outputs = outputs
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, *only: Tensor, **features: Tensor) -> Tensor:
        values = [*only, *features.values()]
        total = sum(10.0**place * value.float().reshape(-1, 1) for place, value in enumerate(values))
        return total.expand(-1, self.outputs) + self.bias


def analyze(*names: str) -> tuple[hr.Transform, pa.RecordBatch]:
    columns = [pa.array(np.arange(8.0) + place) for place in range(len(names))]
    batch = pa.record_batch(columns, names=list(names))
    return t.analyze(lambda x: {name: x[name] * 1.0 for name in names}, [batch]), batch


def test_features_of_any_names(tmp_path: Path) -> None:
    """Features `a b` and `a_b` were both the argument `feature_a_b` of the traced network."""
    names = [
        "a b",
        "a_b",
        "a.b",
        "class",
        "1st",
        "größe",
        "日本",
        "😀",
        "x",
        "x.out",
        "feature_0",
        "output_0",
    ]
    transform, batch = analyze(*names)
    model = WeightedSum()
    path = export(tmp_path / "m.onnx", transform=transform, model=model, head=Regressor("a  b"))
    assert list(load(path).inputs) == names
    assert verify(path, [batch], transform=transform, model=model, head=Regressor("a  b")).passed
    expected = sum(10.0**place * place for place in range(len(names)))
    assert load(path).predict(batch)["a  b"][0].as_py() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("column", "head"),
    [
        ("label", Classifier()),
        ("probabilities", Classifier(["a", "b"])),
        ("prediction", Regressor()),
        ("price", Regressor("price")),
    ],
)
def test_raw_columns_called_label_or_prediction(tmp_path: Path, column: str, head: Head) -> None:
    transform, batch = analyze(column)
    model = WeightedSum(2 if isinstance(head, Classifier) else 1)
    message = f"feature '{column}': the model reads this column, which is also the name of an output"
    with pytest.raises(SchemaError, match=message) as caught:
        export(tmp_path / "m.onnx", transform=transform, model=model, head=head)
    hint = f"pass transform.without(label); else rename it before the transform: data.rename({{'{column}': "
    assert (hint in str(caught.value)) != isinstance(head, Regressor)
    whole = t.analyze(lambda x: {"f": x[column] * 1.0, "y": t.cast(x[column] / 8, _type(head))}, [batch])
    rows = hr.Dataset.from_arrow(pa.table(batch)).map(whole)
    with pytest.raises(SchemaError, match=message):
        fit(model, rows, rows, label="y", head=head, out_dir=tmp_path / "run", epochs=1, progress=False)
    assert not (tmp_path / "run" / "state.safetensors").exists()


def _type(head: Head) -> str:
    return "int64" if isinstance(head, Classifier) else "float32"


class _Outputs(Head):
    def __init__(self, *outputs: str) -> None:
        self.outputs = outputs

    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        return tuple(raw[:, 0] for _ in self.outputs)


@pytest.mark.parametrize(
    ("names", "head", "message"),
    [
        (["x"], _Outputs("y", "y"), "feature 'y': two outputs of the head have this name"),
        (["x"], _Outputs("y", ""), "empty name, which ONNX cannot hold"),
        (["x"], Regressor("y\0"), "NUL character, which ONNX cannot hold"),
        (["", "x"], Regressor(), "empty name, which ONNX cannot hold"),
        (["x\0", "y"], Regressor(), "NUL character, which ONNX cannot hold"),
    ],
)
def test_names_that_cannot_stand_in_a_file(names: list[str], head: Head, message: str) -> None:
    transform, _ = analyze(*names)
    with pytest.raises(SchemaError, match=message), served_model(WeightedSum(), head, transform):
        pass


def test_a_ragged_x_beside_x_values(tmp_path: Path) -> None:
    batch = pa.record_batch({"x": pa.array([[1.0], [], [2.0, 3.0]] * 2), "x.values": NUMBERS[:6]})
    transform = t.analyze(
        lambda x: {
            "n": t.cast(t.row_length(x["x"]), "float32"),
            "v": x["x.values"] * 1.0,
            "y": x["x.values"] / 2,
        },
        [batch],
    )
    rows = hr.Dataset.from_arrow(pa.table(batch)).map(transform)
    with pytest.raises(SchemaError, match=r"are both named 'x\.values' in ONNX") as raised:
        fit(WeightedSum(), rows, rows, label="y", out_dir=tmp_path, epochs=1, progress=False)
    assert "\n" not in str(raised.value)
    with (
        pytest.raises(SchemaError, match=r"are both named 'x\.values' in ONNX"),
        served_model(WeightedSum(), Regressor(), transform.without("y")),
    ):
        pass


def test_duplicate_and_empty_columns_of_the_rows(offers: Any) -> None:
    text, price = offers.batch["text"], offers.batch["price"]
    twice = pa.record_batch([text, price, price], names=["text", "price", "price"])
    unused = pa.record_batch([text, price, price, price], names=["text", "price", "", ""])
    predictor = load(offers.path)
    arguments: Any = {"transform": offers.transform, "model": offers.model, "head": offers.head}
    for entrance in (
        predictor.predict,
        lambda rows: predictor.predict(pa.table(rows)),
        lambda rows: verify(offers.path, [rows], **arguments),
    ):
        with pytest.raises(SchemaError, match="feature 'price': two columns have this name"):
            entrance(twice)
        entrance(unused)
