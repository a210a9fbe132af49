"""The signature of an exported file: filled from the transform, the head and the training data."""

import dataclasses
import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import nn

import headrace as hr
from headrace.deploy import Classifier, Regressor, export, load
from headrace.deploy.signature import digest_parts
from headrace.deploy.signature.describe_data import describe_data, fingerprint_data
from headrace.deploy.signature.describe_graph import describe_graph
from headrace.errors import UsageError
from headrace.nn import digest_weights
from headrace.serving import Signature

t = hr.transform


class _Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(2, 1)

    def forward(self, age: torch.Tensor, city: torch.Tensor) -> torch.Tensor:
        return self.last(torch.stack([age, city.float()], dim=1))


def _features(x):
    age = t.scale_to_z_score(t.fill_missing(x["age"], t.mean(x["age"])))
    return {"age": age, "city": t.compute_and_apply_vocabulary(x["city"])}


def test_a_full_signature_range_vocabulary_default_unit_example_digest_versions_fingerprint(
    tmp_path: Path,
) -> None:
    rows = {"age": [None, 20.0, 40.0], "city": ["Oslo", "Rome", "Rome"], "unused": [1, 2, 3]}
    data = hr.Dataset.from_arrow(pa.table(rows))
    transform, model, head = t.analyze(_features, data), _Network(), Regressor("price")
    path = export(
        tmp_path / "m.onnx", transform=transform, model=model, head=head, data=data, units={"age": "years"}
    )
    signature = load(path).signature
    assert signature is not None
    age, city = signature.inputs
    assert (age.name, age.type, age.optional, age.default) == ("age", "float64", True, 30.0)
    assert (age.minimum, age.maximum, age.unit, age.example) == (20.0, 40.0, "years", 20.0)
    assert (city.vocabulary, city.vocabulary_size, city.example) == (("Rome", "Oslo"), 2, "Rome")
    assert (city.optional, city.default) == (False, None)
    (price,) = signature.outputs
    assert (price.name, price.type, price.kind, signature.head) == ("price", "float32", "number", "Regressor")
    assert {"headrace", "torch", "onnxruntime", "opset"} <= set(signature.versions)
    assert signature.data_fingerprint == fingerprint_data(data)
    assert signature.digests == digest_parts(transform, digest_weights(model), head)


@pytest.mark.parametrize("units", [{"size": "m"}, {"age": 3}, "years"])
def test_units_of_other_columns_are_refused(tmp_path: Path, units) -> None:
    transform = t.analyze(_features, [pa.record_batch({"age": [1.0], "city": ["Rome"]})])
    with pytest.raises(UsageError, match="units: "):
        export(tmp_path / "m.onnx", transform=transform, model=_Network(), head=Regressor(), units=units)


def _describe(features, **columns):
    return describe_graph(t.analyze(features, [pa.record_batch(columns)]))


def test_what_the_transform_knows_of_a_column() -> None:
    facts = _describe(
        lambda x: {
            "a": t.scale_to_0_1(x["a"]),
            "b": t.fill_missing(x["b"], -1.0) + t.cast(t.is_missing(x["b"]), "float64"),
            "c": t.hash_strings(t.fill_missing(x["c"], "none"), 4),
            "d": x["d"],
            "e": t.fill_missing(x["e"], 1.0) + x["e"],
            "f": t.compute_and_apply_vocabulary(x["f"]),
            "g": t.fill_missing(t.cast(x["g"], "float64"), 2.0),
        },
        a=[3, 5],
        b=[1.0, None],
        c=["x", None],
        d=[1.0, 2.0],
        e=[1.0, 2.0],
        f=[["u", "v"], ["u"]],
        g=pa.array([1.0, None], pa.float32()),
    )
    assert facts == {
        "a": {"minimum": 3, "maximum": 5},
        "b": {"optional": True, "default": None},
        "c": {"optional": True, "default": "none"},
        "d": {},
        "e": {},
        "f": {"vocabulary": ("u", "v"), "vocabulary_size": 2},
        "g": {"optional": True, "default": 2.0},
    }


def test_what_the_training_data_know_of_a_column() -> None:
    unit = pa.field("a", pa.float32(), metadata={"unit": "km"})
    columns = {
        "a": pa.array([None, 2.0, float("inf"), float("nan"), -1.0], pa.float32()),
        "n": pa.array([5, 6, 7, 2**62, -3]),
        "word": pa.array(["x", "x", "y", None, "x"]).dictionary_encode(),
        "text": pa.array([f"the text number {number} " * 9 for number in range(5)]),
        "tags": pa.array([["p"], [], ["p", "q"], ["p"], None]),
        "image": pa.array([bytes([255, 216, 255])] * 5),
        "when": pa.array([datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)] * 5),
        "flag": pa.array([True, False, True, True, True]),
        "dense": hr.columns.to_arrow(np.arange(20, dtype=np.uint8).reshape(5, 2, 2)),
    }
    fields = [unit, *(pa.field(name, each.type) for name, each in columns.items() if name != "a")]
    facts = describe_data(pa.table(columns, pa.schema(fields)), [*columns, "absent"])
    assert "absent" not in facts
    known = {"minimum": -1.0, "maximum": 2.0, "unit": "km", "optional": True, "example": 2.0}
    assert facts["a"] == {**known, "encoding": None}
    assert (facts["n"]["minimum"], facts["n"]["maximum"], facts["n"]["example"]) == (-3, 2**62, 6)
    assert (facts["word"]["vocabulary"], facts["word"]["optional"]) == (("x", "y"), True)
    assert "vocabulary" not in facts["text"]
    assert (facts["tags"]["vocabulary"], facts["tags"]["example"]) == (("p", "q"), [])
    assert facts["image"]["example"] is None
    assert facts["when"]["example"].startswith("2020-01-01T00:00:00")
    assert facts["flag"]["example"] is False
    assert (facts["dense"]["maximum"], facts["dense"]["example"]) == (19, [[4, 5], [6, 7]])


def test_many_rows_are_read_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headrace.deploy.signature.describe_data.MOST_ROWS", 5)
    batches = (pa.record_batch({"a": [float(number)] * 3}) for number in range(10**9))
    assert describe_data(batches, ["a"])["a"]["maximum"] == 1.0


@pytest.mark.parametrize("change", ["transform", "weights", "head"])
def test_the_digests_name_the_part_that_differs(change: str) -> None:
    batch = pa.record_batch({"age": [1.0, 3.0], "city": ["Rome", "Oslo"]})
    transform, model, head = t.analyze(_features, [batch]), _Network(), Classifier(["a", "b"])
    compiled = digest_weights(torch.compile(model))  # pyright: ignore[reportArgumentType]
    before = digest_parts(transform, digest_weights(model), head)
    assert digest_parts(transform, compiled, Classifier(np.array(["a", "b"]))) == before
    if change == "transform":
        stale = pa.record_batch({"age": [1.0, 3.0], "city": ["Rome", "Bern"]})
        transform = t.analyze(_features, [stale])
    elif change == "weights":
        with torch.no_grad():
            model.last.bias += 1
    else:
        head = Classifier(["b", "a"])
    after = digest_parts(transform, digest_weights(model), head)
    assert [name for name in before if before[name] != after[name]] == [change]


def test_a_run_exports_a_full_signature(executed: Path) -> None:
    signature = load(executed / "model.onnx").signature
    assert signature is not None
    assert signature.data_fingerprint is not None
    for column in signature.inputs:
        assert column.example is not None
        assert column.minimum is not None or column.vocabulary is not None
    assert dataclasses.asdict(Signature.from_json(signature.to_json())) == dataclasses.asdict(signature)
