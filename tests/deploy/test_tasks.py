"""Every task is exported, verified and served: what the file answers, and what its signature says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.deploy import (
    Classifier,
    MultiLabelClassifier,
    QuantileRegressor,
    Regressor,
    export,
    load,
    verify,
)
from headrace.errors import HeadraceError, ModelError
from headrace.serving.explanation import describe_model

t = hr.transform
ROWS = 40
GENERATOR = np.random.default_rng(0)
DATA = hr.Dataset.from_arrays(
    {
        "a": GENERATOR.normal(size=ROWS),
        "b": GENERATOR.normal(size=ROWS),
        "kind": np.resize(["x", "y", "z"], ROWS),
        "drama": np.resize([0, 1], ROWS),
        "comedy": np.resize([0, 0, 1], ROWS),
    }
)


def preprocess(columns: Any) -> Any:
    numbers = t.concatenate([t.scale_to_z_score(columns["a"]), t.scale_to_z_score(columns["b"])])
    return {
        "x": t.cast(numbers, "float32"),
        "kind": t.compute_and_apply_vocabulary(columns["kind"], vocab_filename="kind"),
        "genres": t.concatenate([t.cast(columns["drama"], "float32"), t.cast(columns["comedy"], "float32")]),
        "amount": t.cast(columns["a"] + columns["b"], "float32"),
        "pair": t.cast(numbers * 2.0, "float32"),
    }


@pytest.fixture(scope="module")
def transform() -> hr.Transform:
    return t.analyze(preprocess, DATA)


def serve(
    tmp_path: Path, transform: hr.Transform, model: nn.Module, head: Any, *labels: str
) -> tuple[Any, dict[str, Any]]:
    """Train a step, export and verify; return the signature's outputs by name, and the answers."""
    others = {"kind", "genres", "amount", "pair"} - set(labels)
    kept = transform.without(*others)
    label: Any = labels[0] if not isinstance(head, dict) else dict(zip(head, labels, strict=True))
    rows = DATA.map(kept)
    settings: dict[str, Any] = {"epochs": 1, "progress": False, "out_dir": tmp_path / "training"}
    result = hr.training.fit(model, rows, rows, label=label, head=head, **settings)
    serving = kept.without(*labels)
    path = export(tmp_path / "m.onnx", transform=serving, model=model, head=result.head)
    verdict = verify(path, DATA, transform=serving, model=model, head=result.head)
    assert verdict.passed, verdict.problems
    predictor = load(path)
    assert predictor.signature is not None
    outputs = {each.name: each for each in predictor.signature.outputs}
    assert hr.serving.Signature.from_json(predictor.signature.to_json()) == predictor.signature
    text = describe_model(predictor.signature)
    assert all(name in text for name in outputs)
    return outputs, predictor.predict({"a": [0.5, 1.0], "b": [0.0, -3.0]}).to_pydict()


def test_several_labels_at_once(tmp_path: Path, transform: hr.Transform) -> None:
    head = MultiLabelClassifier(["drama", "comedy"], threshold=[0.3, 0.6])
    outputs, answers = serve(tmp_path, transform, nn.Linear(2, 2), head, "genres")
    assert outputs["labels"].kind == "labels"
    assert outputs["labels"].thresholds == (0.3, 0.6)
    assert outputs["probabilities"].classes == ("drama", "comedy")
    likely = np.array(answers["probabilities"])
    assert answers["labels"] == (likely >= [0.3, 0.6]).tolist()


def test_several_numbers_by_name(tmp_path: Path, transform: hr.Transform) -> None:
    outputs, answers = serve(tmp_path, transform, nn.Linear(2, 2), Regressor(["left", "right"]), "pair")
    assert list(outputs) == ["left", "right"]
    assert outputs["left"].kind == "number"
    assert outputs["left"].shape == ()
    assert len(answers["right"]) == 2


def test_quantiles_are_in_order(tmp_path: Path, transform: hr.Transform) -> None:
    model = nn.Linear(2, 3)
    nn.init.constant_(model.weight, 0.0)
    with torch.no_grad():
        model.bias.copy_(torch.tensor([3.0, 1.0, 2.0]))
    head = QuantileRegressor((0.1, 0.5, 0.9), "amount")
    outputs, answers = serve(tmp_path, transform, model, head, "amount")
    assert outputs["amount"].kind == "quantiles"
    assert outputs["amount"].quantiles == (0.1, 0.5, 0.9)
    assert all(row == sorted(row) for row in answers["amount"])


class TwoOutputs(nn.Module):
    """A class, and a number."""

    def __init__(self) -> None:
        super().__init__()
        self.kind, self.amount = nn.Linear(2, 3), nn.Linear(2, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"kind": self.kind(x), "amount": self.amount(x)}


def test_several_outputs(tmp_path: Path, transform: hr.Transform) -> None:
    head = {"kind": Classifier(vocabulary="kind"), "amount": Regressor()}
    outputs, answers = serve(tmp_path, transform, TwoOutputs(), head, "kind", "amount")
    assert list(outputs) == ["kind_label", "kind_probabilities", "amount"]
    assert outputs["kind_label"].classes is not None
    assert sorted(outputs["kind_label"].classes) == ["x", "y", "z"]
    assert set(answers["kind_label"]) <= {"x", "y", "z"}


def test_a_model_without_an_output_of_a_head_is_refused(tmp_path: Path, transform: hr.Transform) -> None:
    serving = transform.without("kind", "genres", "amount", "pair")
    for head, message in (
        ({"kind": Classifier(), "mass": Regressor()}, "expected the outputs 'kind', 'mass' from the model"),
        (Classifier(), "expected a tensor from the model, got dict"),
    ):
        with pytest.raises(ModelError, match=message) as raised:
            export(tmp_path / "m.onnx", transform=serving, model=TwoOutputs(), head=head)  # type: ignore[arg-type]
        assert "\n" not in str(raised.value)
    with pytest.raises(HeadraceError, match="expected a dict with 'kind' from the model, got Tensor"):
        export(tmp_path / "m.onnx", transform=serving, model=nn.Linear(2, 3), head={"kind": Classifier()})
    assert not (tmp_path / "m.onnx").exists()


def test_a_threshold_and_a_temperature_are_constants_of_the_file(
    tmp_path: Path, transform: hr.Transform
) -> None:
    serving = transform.without("kind", "genres", "amount", "pair")
    model, head = nn.Linear(2, 2), Classifier(["no", "yes"], threshold=0.2, temperature=2.0)
    path = export(tmp_path / "m.onnx", transform=serving, model=model, head=head)
    assert verify(path, DATA, transform=serving, model=model, head=head).passed
    other = verify(path, DATA, transform=serving, model=model, head=Classifier(["no", "yes"]))
    assert other.other_parts == ["head"]
    (found,) = [each for each in load(path).signature.outputs if each.name == "label"]  # type: ignore[union-attr]
    assert found.threshold == 0.2
    with pytest.raises(ModelError, match="has a threshold, which needs two"):
        Classifier(threshold=0.2).tensors(torch.zeros(4, 3))
