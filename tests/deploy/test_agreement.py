"""Head, label, network and names agree at export and verification, too."""

from collections.abc import Callable
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
from headrace.errors import HeadraceError

t = hr.transform
GENERATOR = np.random.default_rng(0)
BATCH = pa.record_batch({
    "mass": pa.array(GENERATOR.normal(size=40)),
    "species": pa.array(np.resize(["Adelie", "Gentoo", "Adelie", "Chinstrap", "Gentoo", "Adelie"], 40)),
    "number": pa.array(GENERATOR.integers(0, 3, 40)),
})  # fmt: skip


def analyze(label: Callable[[Any], Any]) -> hr.Transform:
    """Analyze a feature of one number and a label."""

    def preprocess(x):
        return {"x": t.reshape(t.cast(x["mass"], "float32"), (1,)), "y": label(x)}

    return t.analyze(preprocess, [BATCH])


@pytest.fixture(scope="module")
def species() -> hr.Transform:
    return analyze(lambda x: t.compute_and_apply_vocabulary(x["species"])).without("y")


def test_one_logit_and_two_names_are_verified_and_right(tmp_path: Path) -> None:
    """With an argmax over one logit, every answer was "no", with a probability of 1."""
    transform = analyze(lambda x: x["species"] == "Adelie").without("y")
    model, head = nn.Linear(1, 1), Classifier(["no", "Adelie"])
    with torch.no_grad():
        model.weight.fill_(2.0)
        model.bias.fill_(-0.25)
    network = nn.Sequential(model, nn.Flatten(0))
    path = export(tmp_path / "m.onnx", transform=transform, model=network, head=head)
    assert verify(path, [BATCH], transform=transform, model=network, head=head).passed
    found = load(path).predict(BATCH)
    logits = 2 * BATCH["mass"].to_numpy() - 0.25
    assert found["label"].to_pylist() == ["Adelie" if each > 0 else "no" for each in logits]
    probabilities = np.stack(found["probabilities"].to_numpy(zero_copy_only=False))
    np.testing.assert_allclose(probabilities[:, 1], 1 / (1 + np.exp(-logits)), atol=1e-6)
    assert load(path).predict({"mass": [0.3]})["label"].to_pylist() == ["Adelie"]


def test_classes_are_named_by_the_label_s_own_vocabulary(species: hr.Transform, tmp_path: Path) -> None:
    """Chinstrap was served as Gentoo, with a probability of 98.75%, and verified."""
    species.save(tmp_path / "transform")
    transform = hr.Transform.load(tmp_path / "transform")
    model = nn.Linear(1, 3)
    model.requires_grad_(False)
    model.weight.zero_()
    model.bias[:] = torch.tensor([0.0, 0.0, 9.0])  # class 2 is the least frequent
    path = export(tmp_path / "m.onnx", transform=transform, model=model, head=Classifier(vocabulary="y"))
    assert set(load(path).predict(BATCH)["label"].to_pylist()) == {"Chinstrap"}
    signature = load(path).signature
    assert signature is not None
    assert signature.outputs[0].classes == ("Adelie", "Gentoo", "Chinstrap")
    for head in (Classifier(vocabulary="y"), Classifier(["Adelie", "Gentoo", "Chinstrap"])):
        assert verify(path, [BATCH], transform=transform, model=model, head=head).passed


class _Returns(nn.Module):
    def __init__(self, function: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.layer, self.function = nn.Linear(1, 3), function

    def forward(self, x: Tensor) -> Any:
        return self.function(self.layer(x))


@pytest.mark.parametrize(
    ("model", "head", "message"),
    [
        (nn.Linear(1, 3), Classifier(["Adelie", "Chinstrap", "Gentoo"]), "class 1 .* stands for 'Gentoo'"),
        (nn.Linear(1, 3), Classifier(["Adelie", "Gentoo"]), "3 classes .*, but Classifier has 2 class names"),
        (nn.Linear(1, 2), Classifier(["Adelie", "Gentoo"]), "3 classes .*, but Classifier has 2 class names"),
        (nn.Linear(1, 4), None, "has 3 classes .*, but the model has 4"),
        (nn.Linear(1, 1), None, "has 3 classes .*, but the model has 2"),
        (nn.Linear(1, 3), Classifier(vocabulary="z"), "feature 'z': the label is not among the outputs"),
        (nn.Linear(1, 1), Regressor(), "the label is int64, but Regressor expects floats"),
        (_Returns(lambda y: {"logits": y}), None, "expected a tensor from the model, got dict"),
        (_Returns(lambda y: (y, y)), None, "expected a tensor from the model, got tuple"),
        (_Returns(lambda y: y[:, :, None]), None, "expected logits .*, got 3 dimensions"),
        (_Returns(lambda y: y.mean()), None, r"expected outputs of shape \[3, classes\], got \[\]"),
        (
            _Returns(lambda y: y.mean(0)[None]),
            None,
            r"expected outputs of shape \[3, classes\], got \[1, 3\]",
        ),
        (_Returns(lambda y: y.softmax(1)), None, "got the probabilities of a softmax"),
    ],
)
def test_disagreement_is_one_line(
    species: hr.Transform, images: Any, model: nn.Module, head: Head | None, message: str, tmp_path: Path
) -> None:
    with pytest.raises(HeadraceError, match=message) as raised:
        export(tmp_path / "m.onnx", transform=species, model=model, head=head)
    assert "\n" not in str(raised.value)
    with pytest.raises(HeadraceError, match=message):
        verify(images.path, [BATCH], transform=species, model=model, head=head)


@pytest.mark.parametrize(
    ("label", "head", "message"),
    [
        (
            lambda x: t.one_hot(x["number"], 4),
            Classifier(["a", "b", "c"]),
            "has 4 classes, but the model has 3",
        ),
        (lambda x: t.cast(x["number"], "float32"), Classifier(), "the label is float32, but Classifier"),
        (lambda x: t.cast(x["number"], "float32"), None, "the label is float32, but .* the head Regressor"),
        (lambda x: x["number"], Classifier(vocabulary="y"), "the label is not looked up in a vocabulary"),
        (lambda x: x["species"] == "Adelie", None, "has 2 classes .*, but the model has 3"),
    ],
)
def test_a_label_trained_in_another_way_is_not_served_as_classes(
    label: Any, head: Head | None, message: str, tmp_path: Path
) -> None:
    with pytest.raises(HeadraceError, match=message):
        export(tmp_path / "m.onnx", transform=analyze(label).without("y"), model=nn.Linear(1, 3), head=head)


def test_names_by_a_vocabulary_without_the_label(tmp_path: Path) -> None:
    transform = t.analyze(lambda x: {"x": t.reshape(t.cast(x["mass"], "float32"), (1,))}, [BATCH])
    with pytest.raises(HeadraceError, match="feature 'y': the label is not among the outputs"):
        export(
            tmp_path / "m.onnx", transform=transform, model=nn.Linear(1, 3), head=Classifier(vocabulary="y")
        )


def test_of_several_removed_outputs_the_label_has_the_class_names() -> None:
    whole = t.analyze(
        lambda x: {
            "x": t.reshape(t.cast(x["mass"], "float32"), (1,)),
            "id": x["number"],
            "y": t.compute_and_apply_vocabulary(x["species"]),
        },
        [BATCH],
    )
    transform = whole.without("id", "y")
    named = Classifier(("Adelie", "Gentoo", "Chinstrap"))
    with served_model(nn.Linear(1, 3), Classifier(vocabulary="y"), transform) as served:
        assert served.head == named
    with served_model(nn.Linear(1, 1), Regressor(), transform) as served:
        assert served.head == Regressor()
    with (
        pytest.raises(HeadraceError, match="class 1 of the label stands for 'Gentoo'"),
        served_model(nn.Linear(1, 3), Classifier(["Adelie", "Chinstrap", "Gentoo"]), transform),
    ):
        pass
