"""Head, label, network and names agree, or training does not start."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import headrace as hr
from headrace.columns import Ragged
from headrace.deploy import Classifier, Regressor
from headrace.errors import HeadraceError, ModelError
from headrace.training import FitResult, evaluate, fit, predict
from headrace.training.check_agreement import check_agreement

ROWS = 48


def rows(label: Callable[[Any], Any] = lambda y: y, seed: int = 0) -> hr.Dataset:
    generator = np.random.default_rng(seed)
    classes = generator.integers(0, 2, ROWS)
    points = generator.normal(size=(ROWS, 2)) + 4 * classes[:, None]
    return hr.Dataset.from_arrays({"x": points.astype(np.float32), "y": label(classes)})


def train(
    folder: Path, model: nn.Module, label: Callable[[Any], Any] = lambda y: y, **changes: Any
) -> FitResult:
    arguments: dict[str, Any] = {"label": "y", "out_dir": folder, "epochs": 6, "batch_size": 8, **changes}
    return fit(model, rows(label), rows(label, 1), learning_rate=0.1, progress=False, **arguments)


@pytest.mark.parametrize("last", [nn.Identity(), nn.Flatten(0)])
def test_one_logit_is_a_binary_classifier(tmp_path: Path, last: nn.Module) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 1), last)
    result = train(tmp_path, model, head=Classifier(["no", "yes"]))
    assert result.task == "classification"
    assert result.best["validation_accuracy"] > 0.95
    predictions = predict(model, rows(seed=1), label="y")
    assert predictions.class_count == 2
    assert (predictions.classes == predictions.labels).mean() == result.best["validation_accuracy"]
    (batch,) = rows(seed=1).batch(ROWS).to_torch()
    loss = nn.functional.binary_cross_entropy_with_logits(model(batch["x"]).reshape(-1), batch["y"].float())
    assert evaluate(model, rows(seed=1), label="y")["loss"] == pytest.approx(loss.item(), rel=1e-5)


@pytest.mark.parametrize(
    ("outputs", "label", "head", "message"),
    [
        (1, lambda y: y, Classifier(["a", "b", "c"]), "2 classes, but Classifier has 3 class names"),
        (3, lambda y: y, Classifier(["no", "yes"]), "3 classes, but Classifier has 2 class names"),
        (2, lambda y: y, Classifier(["a", "b", "c"]), "2 classes, but Classifier has 3 class names"),
        (
            2,
            lambda y: np.eye(3, dtype=np.float32)[y],
            None,
            r"float32\[3\], which may be labels of several kinds",
        ),
        (2, lambda y: np.eye(3, dtype=np.int64)[y], None, r"int64\[3\], which may be labels of several"),
        (2, lambda y: np.stack([y, y], 1), None, "pass head=MultiLabelClassifier"),
        (
            2,
            lambda y: np.stack([y, y], 1).astype(np.float32),
            Classifier(),
            "a row sum to 1",
        ),
        (2, lambda y: y.astype(np.float32), Classifier(), "the label is float32, .* cast it to int64"),
        (1, lambda y: y, Regressor(), "the label is int64, but Regressor"),
        (2, lambda y: y.astype(np.float32), None, "expected one number per row, got 2"),
        (2, lambda y: 3 * y, None, "label 3 in a model of 2 classes"),
        (2, lambda y: -y, None, "label -1 in a model of 2 classes"),
        (2, lambda y: np.where(y, 1, -100), None, "label -100 in a model of 2 classes"),
        (3, lambda y: y.astype(bool), None, "the label 'y' has 2 classes, but the model has 3"),
        (2, lambda y: Ragged(y, np.arange(ROWS + 1)), None, "the label is list<int64>"),
        (2, lambda y: y, "classifier", "head: expected a head, got 'classifier'"),
        (2, lambda y: y, Classifier, "head: expected a head"),
    ],
)
def test_disagreement_is_one_line_before_the_first_epoch(
    tmp_path: Path, outputs: int, label: Any, head: Any, message: str
) -> None:
    with pytest.raises(HeadraceError, match=message) as raised:
        train(tmp_path, nn.Linear(2, outputs), label, head=head)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "state.safetensors").exists()


def test_labels_that_are_wrong_in_training_rows_only(tmp_path: Path) -> None:
    for label, message in (
        (lambda y: np.where(y, 1, -100), "label -100 in a model of 2 classes"),
        (lambda y: y.astype(np.float32), r"expected class numbers, integers \[8\], got float32\[8\]"),
        (lambda y: np.eye(3, dtype=np.int64)[y], "labels of 3 classes in a model of 2 classes"),
    ):
        with pytest.raises(ModelError, match=message):
            fit(
                nn.Linear(2, 2), rows(label), rows(), label="y", out_dir=tmp_path, epochs=1, batch_size=8,
                progress=False,
            )  # fmt: skip


def penguins(seed: int = 0) -> hr.Dataset:
    generator = np.random.default_rng(seed)
    words = np.resize(["Adelie", "Gentoo", "Adelie", "Chinstrap", "Gentoo", "Adelie"], ROWS)
    return hr.Dataset.from_arrays(
        {"mass": generator.normal(size=(ROWS, 2)).astype(np.float32), "species": words}
    )


def preprocess(x: Any) -> Any:
    return {"x": x["mass"] * 1.0, "y": hr.transform.compute_and_apply_vocabulary(x["species"])}


@pytest.mark.parametrize(
    ("outputs", "head", "message"),
    [
        (3, Classifier(["Adelie", "Chinstrap", "Gentoo"]), "class 1 of the label stands for 'Gentoo'"),
        (3, Classifier(["Adelie", "Gentoo"]), "the label has 3 classes .*, but Classifier has 2 class names"),
        (2, None, "the label 'y' has 3 classes .*, but the model has 2"),
        (3, Classifier(vocabulary="island"), "by 'island', which is not the label"),
    ],
)
def test_names_in_another_order_than_the_vocabulary(
    tmp_path: Path, outputs: int, head: Any, message: str
) -> None:
    data = penguins()
    rows = data.map(hr.transform.analyze(preprocess, data)).shuffle(0)
    with pytest.raises(HeadraceError, match=message):
        fit(
            nn.Linear(2, outputs),
            rows,
            rows,
            label="y",
            head=head,
            out_dir=tmp_path,
            epochs=1,
            progress=False,
        )


def test_names_by_the_vocabulary_where_the_transform_is_known() -> None:
    data = penguins()
    rows = data.map(hr.transform.analyze(preprocess, data))
    (batch,) = rows.take(8).batch(8).to_torch()
    model, head = nn.Linear(2, 3), Classifier(vocabulary="species")  # its name in `Transform.vocabularies`
    for known in (rows, rows.shuffle(0), rows.select(["x", "y"]).take(20)):
        assert check_agreement(model, batch, "y", head, (known,)) == Classifier(
            ("Adelie", "Gentoo", "Chinstrap")
        )
    assert rows.shuffle(0).mapped_by is rows.mapped_by
    for unknown in (data, rows.map(lambda batch: batch), rows.rename({"x": "z"})):
        assert check_agreement(model, batch, "y", head, (unknown,)) == head


def test_a_stale_vocabulary(tmp_path: Path) -> None:
    first, second = penguins(), penguins().filter(lambda batch: np.array(batch["species"]) != "Gentoo")
    train, validation = (data.map(hr.transform.analyze(preprocess, data)) for data in (first, second))
    with pytest.raises(
        HeadraceError, match="training and the validation data number their classes differently"
    ):
        fit(nn.Linear(2, 3), train, validation, label="y", out_dir=tmp_path, epochs=1, progress=False)


class _Moody(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout(0.5), nn.Linear(2, 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x) + 0 * torch.rand(1)


def test_the_check_leaves_the_model_and_the_random_state_as_they_were() -> None:
    model = _Moody().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    (batch,) = rows().batch(ROWS).to_torch()
    check_agreement(model, batch, "y", None)
    assert torch.equal(torch.rand(2), expected)
    assert all(layer.training for layer in model.modules())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(weight.grad is None for weight in model.parameters())
