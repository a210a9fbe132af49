"""Thresholds and temperatures fitted on validation data: right values, kept, exported and served."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import headrace as hr
from headrace.deploy import Classifier, MultiLabelClassifier, export, load, verify
from headrace.errors import UsageError
from headrace.training import Options, evaluate, fit, load_head
from headrace.training.calibration import find_temperature, find_threshold


def score(likely: Any, truth: Any, threshold: float) -> dict[str, float]:
    chosen = likely >= np.float32(threshold)
    right, of_others = (chosen & truth).sum(), (~chosen & ~truth).sum() / (~truth).sum()
    recall, precision = right / truth.sum(), right / max(1, chosen.sum())
    return {
        "recall": recall,
        "precision": precision,
        "f1": 2 * right / (chosen.sum() + truth.sum()),
        "balanced_accuracy": (recall + of_others) / 2,
        "equal_recall": min(recall, of_others),
    }


def test_balanced_weights_choose_the_threshold_unless_the_head_has_one(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 2)).astype(np.float32)
    labels = (x[:, 0] + random.normal(size=300) > 1.5).astype(np.int64)
    rows = hr.Dataset.from_arrays({"x": x, "label": labels})

    def train(name: str, head: Classifier | None, validation: hr.Dataset = rows) -> Any:
        torch.manual_seed(0)
        model, chosen = nn.Linear(2, 2), {"epochs": 2, "class_weight": "balanced", "progress": False}
        result = fit(model, rows, validation, label="label", head=head, out_dir=tmp_path / name, **chosen)
        return result.head, model

    head, model = train("balanced", None)
    likely = model(torch.from_numpy(x)).softmax(dim=1)[:, 1].detach().numpy()
    assert head == Classifier(threshold=find_threshold(likely, labels == 1, "equal_recall"))
    assert train("balanced", None)[0] == head
    assert train("fixed", Classifier(threshold=0.5))[0] == Classifier(threshold=0.5)
    only = hr.Dataset.from_arrays({"x": x[labels == 0], "label": labels[labels == 0]})
    assert train("one class", None, only)[0] == Classifier()


probabilities = st.floats(0, 1, width=32)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(probabilities, st.booleans()), min_size=2, max_size=20),
    st.sampled_from(["f1", "balanced_accuracy", "equal_recall", "recall=0.6", "recall=1", "precision=0.5"]),
)
def test_a_threshold_is_as_good_as_the_best_of_all(rows: list[tuple[float, bool]], rule: str) -> None:
    likely = np.array([each for each, _ in rows], np.float32)
    truth = np.array([each for _, each in rows])
    if truth.all() or not truth.any():
        with pytest.raises(UsageError, match="choose_threshold needs rows of both classes"):
            find_threshold(likely, truth, rule)
        return
    tried = [score(likely, truth, each) for each in np.unique(likely)]
    name, _, least = rule.partition("=")
    if least:
        other = {"recall": "precision", "precision": "recall"}[name]
        tried = [each for each in tried if each[name] >= float(least)]
        name = other
        if not tried:
            with pytest.raises(UsageError, match=r"no threshold reaches a precision of 0\.5 "):
                find_threshold(likely, truth, rule)
            return
    found = find_threshold(likely, truth, rule)
    assert score(likely, truth, found)[name] == pytest.approx(max(each[name] for each in tried))


def test_equal_recall_changes_less_between_validation_sets_than_the_best_balanced_accuracy() -> None:
    generator = np.random.default_rng(0)

    def draw(rows: int) -> tuple[Any, Any]:
        truth = generator.random(rows) < 0.14
        logits = generator.normal(np.where(truth, 0.5, -0.5))
        return (1 / (1 + np.exp(-logits))).astype(np.float32), truth

    test = draw(20_000)
    recalls: dict[str, list[float]] = {"equal_recall": [], "balanced_accuracy": []}
    accuracies: dict[str, list[float]] = {"equal_recall": [], "balanced_accuracy": []}
    for _ in range(30):
        likely, truth = draw(400)
        for rule, found in recalls.items():
            scores = score(*test, find_threshold(likely, truth, rule))
            found.append(scores["recall"])
            accuracies[rule].append(scores["balanced_accuracy"])
    assert np.std(recalls["equal_recall"]) < 0.5 * np.std(recalls["balanced_accuracy"])
    assert np.mean(accuracies["equal_recall"]) > np.mean(accuracies["balanced_accuracy"])


def test_a_temperature_undoes_a_scale() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(4000, 3, generator=generator, dtype=torch.float64)
    labels = torch.multinomial(logits.softmax(1), 1, generator=generator)[:, 0]
    targets = nn.functional.one_hot(labels, 3).double()
    assert find_temperature(3 * logits, targets) == pytest.approx(3 * find_temperature(logits, targets))
    assert find_temperature(logits, targets) == pytest.approx(1, abs=0.1)
    temperature = find_temperature(3 * logits, targets)
    losses = [
        float(nn.functional.cross_entropy(3 * logits / each, labels))
        for each in (temperature * 0.99, temperature, temperature * 1.01)
    ]
    assert losses[1] == min(losses)


ROWS = 200


def make_rows(seed: int) -> hr.Dataset:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=ROWS).astype(np.float32)
    ill = x + generator.normal(size=ROWS) > 1.2
    return hr.Dataset.from_arrays({"x": x, "ill": np.where(ill, "yes", "no")})


def preprocess(columns: Any) -> Any:
    t = hr.transform
    return {
        "x": t.reshape(t.scale_to_z_score(columns["x"]), (1,)),
        "ill": t.apply_vocabulary(columns["ill"], ["no", "yes"]),
    }


@pytest.fixture(scope="module")
def transform() -> hr.Transform:
    return hr.transform.analyze(preprocess, make_rows(0))


def train(transform: hr.Transform, out_dir: Path, model: nn.Module, **changes: Any) -> Any:
    torch.manual_seed(0)
    train_rows, validation = (make_rows(seed).map(transform) for seed in (0, 1))
    options = Options(epochs=2, learning_rate=0.1, batch_size=32)
    head = Classifier(vocabulary="ill")
    return fit(
        model, train_rows, validation, label="ill", head=head, out_dir=out_dir, options=options,
        progress=False, **changes,
    )  # fmt: skip


def test_a_chosen_threshold_is_in_the_file_and_its_labels(transform: hr.Transform, tmp_path: Path) -> None:
    torch.manual_seed(1)
    model = nn.Linear(1, 1)
    result = train(transform, tmp_path, model, choose_threshold="recall=0.9", calibrate=True)
    head = result.head
    assert isinstance(head, Classifier)
    assert head.threshold is not None
    assert head.threshold < 0.4
    assert head.names == ("no", "yes")
    validation = make_rows(1).map(transform)
    scores = evaluate(model, validation, label="ill", head=head, metrics=["recall", "log_loss"])
    assert scores["recall"] >= 0.9
    plain = evaluate(model, validation, label="ill", metrics=["recall", "log_loss"])
    assert scores["log_loss"] <= plain["log_loss"]
    serving = transform.without("ill")
    path = export(tmp_path / "m.onnx", transform=serving, model=model, head=head)
    assert verify(path, make_rows(2), transform=serving, model=model, head=head).passed
    predictor = load(path)
    assert predictor.signature is not None
    label = predictor.signature.outputs[0]
    assert label.threshold == head.threshold
    answers = predictor.predict({"x": np.linspace(-3, 3, 50, dtype=np.float32)})
    likely = np.array(answers["probabilities"].to_pylist(), np.float32)[:, 1]
    assert answers["label"].to_pylist() == np.where(likely >= head.threshold, "yes", "no").tolist()
    assert load_head(Classifier(vocabulary="ill"), tmp_path).threshold == head.threshold  # type: ignore[attr-defined]


def test_another_rule_needs_no_other_training(transform: hr.Transform, tmp_path: Path) -> None:
    model = nn.Linear(1, 2)
    first = train(transform, tmp_path, model, choose_threshold="f1")
    other = train(transform, tmp_path, model, choose_threshold="recall=0.95")
    assert other.resumed_at_step is not None
    assert first.head.threshold != other.head.threshold
    again = train(transform, tmp_path, model)
    assert again.head.threshold is None
    assert load_head(Classifier(), tmp_path) == Classifier()


def test_a_threshold_for_each_of_several_labels(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(ROWS, 2)).astype(np.float32)
    rows = hr.Dataset.from_arrays({"x": x, "y": (x + generator.normal(size=x.shape) > 1).astype(np.int64)})
    torch.manual_seed(0)
    result = fit(
        nn.Linear(2, 2), rows, rows, label="y", head=MultiLabelClassifier(["a", "b"]), out_dir=tmp_path,
        epochs=2, choose_threshold="f1", calibrate=True, progress=False,
    )  # fmt: skip
    head = result.head
    assert isinstance(head, MultiLabelClassifier)
    assert head.thresholds is not None
    assert len(head.thresholds) == 2
