"""What a label may be: each task trains, exports and verifies, with the right loss and metrics."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

import headrace as hr
from headrace.columns import Ragged
from headrace.deploy import Classifier, MultiLabelClassifier, QuantileRegressor, Regressor
from headrace.errors import HeadraceError, ModelError, UsageError
from headrace.training import FitResult, evaluate, fit, predict

ROWS = 64
GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(ROWS, 2)).astype(np.float32)
CLASS = (X[:, 0] > 0).astype(np.int64) + (X[:, 1] > 0)


def make_rows(**columns: Any) -> hr.Dataset:
    return hr.Dataset.from_arrays({"x": X, **columns})


def train(out_dir: Path, model: nn.Module, y: Any, head: Any = None, **changes: Any) -> FitResult:
    rows = make_rows(y=y)
    torch.manual_seed(0)
    settings: dict[str, Any] = {"label": "y", "epochs": 1, "learning_rate": 0.05, "progress": False}
    return fit(model, rows, rows, out_dir=out_dir, head=head, **{**settings, **changes})


def first_loss(out_dir: Path, model: nn.Module, y: Any, head: Any = None, **changes: Any) -> float:
    """The training loss of the first batch, which holds all rows: of the first weights."""
    result = train(out_dir, model, y, head, batch_size=ROWS, **changes)
    return result.history[0]["train_loss"]


def logits(model: nn.Module) -> Tensor:
    with torch.no_grad():
        return model(torch.from_numpy(X))


def test_integers_of_shape_n_1_are_class_numbers(tmp_path: Path) -> None:
    model = nn.Linear(2, 3)
    expected = F.cross_entropy(logits(model), torch.from_numpy(CLASS)).item()
    assert first_loss(tmp_path, model, CLASS[:, None]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("dtype", [np.int64, np.float32])
def test_one_hot_labels_are_classes(tmp_path: Path, dtype: Any) -> None:
    model = nn.Linear(2, 3)
    expected = F.cross_entropy(logits(model), torch.from_numpy(CLASS)).item()
    result = train(tmp_path, model, np.eye(3, dtype=dtype)[CLASS], Classifier(), batch_size=ROWS)
    assert result.history[0]["train_loss"] == pytest.approx(expected, rel=1e-5)
    assert result.best["validation_accuracy"] == pytest.approx(
        float((logits(model).argmax(1).numpy() == CLASS).mean())
    )


def test_soft_labels(tmp_path: Path) -> None:
    model = nn.Linear(2, 3)
    soft = GENERATOR.dirichlet([1, 1, 1], ROWS).astype(np.float32)
    expected = -(torch.from_numpy(soft) * logits(model).log_softmax(1)).sum(1).mean().item()
    assert first_loss(tmp_path, model, soft, Classifier()) == pytest.approx(expected, rel=1e-5)


def test_mixup_of_another_number_of_classes_is_refused() -> None:
    from headrace.training.options import Options
    from headrace.training.tasks import choose_task

    task = choose_task(Classifier(), torch.zeros(2, dtype=torch.int64), Options())
    with pytest.raises(ModelError, match=r"labels of 10 classes in a model of 3 classes; .* Mixup as many"):
        task.compute_loss(torch.zeros(4, 3), torch.full((4, 10), 0.1))


def test_labels_outside_the_classes_are_refused_also_one_minus_100(tmp_path: Path) -> None:
    for wrong in (-100, -1, 3):
        y = CLASS.copy()
        y[-1] = wrong
        with pytest.raises(ModelError, match=f"label {wrong} in a model of 3 classes"):
            train(tmp_path, nn.Linear(2, 3), y)


def test_a_loss_of_torch_does_not_leave_out_rows_labelled_minus_100(tmp_path: Path) -> None:
    y = np.where(np.arange(ROWS) == 5, -100, CLASS)
    rows, loss = [make_rows(y=y), make_rows(y=CLASS)], nn.CrossEntropyLoss()
    with pytest.raises(ModelError, match="label -100 in a model of 3 classes"):
        fit(nn.Linear(2, 3), *rows, label="y", loss=loss, out_dir=tmp_path, progress=False)


SETS = np.stack([CLASS > 0, CLASS > 1], axis=1)


@pytest.mark.parametrize("form", ["bool", "int64", "float32", "list"])
def test_several_labels_at_once(tmp_path: Path, form: str) -> None:
    model = nn.Linear(2, 2)
    expected = F.binary_cross_entropy_with_logits(logits(model), torch.from_numpy(SETS).float()).item()
    y: Any = SETS.astype(form) if form != "list" else None
    if y is None:
        y = Ragged(np.nonzero(SETS)[1], np.concatenate([[0], SETS.sum(1).cumsum()]))
    head = MultiLabelClassifier(["some", "many"])
    result = train(tmp_path, model, y, head, batch_size=ROWS, metrics=["f1", "recall_by_class"])
    assert result.task == "multi_label"
    assert result.history[0]["train_loss"] == pytest.approx(expected, rel=1e-5)
    predicted = logits(model).numpy() > 0
    assert result.best["validation_accuracy"] == pytest.approx((predicted == SETS).mean())
    assert result.best["validation_recall_many"] == pytest.approx(predicted[SETS[:, 1], 1].mean())
    scores = evaluate(model, make_rows(y=y), label="y", head=head)
    assert scores["accuracy"] == result.best["validation_accuracy"]


def test_several_numbers(tmp_path: Path) -> None:
    model = nn.Linear(2, 3)
    y = GENERATOR.normal(size=(ROWS, 3)).astype(np.float32)
    expected = ((logits(model).numpy() - y) ** 2).mean()
    result = train(tmp_path, model, y, Regressor(["a", "b", "c"]), batch_size=ROWS, metrics=["r2", "mae"])
    assert result.history[0]["train_loss"] == pytest.approx(expected, rel=1e-5)
    errors = logits(model).numpy() - y
    assert result.best["validation_rmse"] == pytest.approx(np.sqrt((errors**2).mean()), rel=1e-5)
    assert result.best["validation_mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-5)
    r2 = 1 - (errors**2).sum(0) / ((y - y.mean(0)) ** 2).sum(0)
    assert result.best["validation_r2"] == pytest.approx(r2.mean(), rel=1e-5)


def test_quantiles(tmp_path: Path) -> None:
    model = nn.Linear(2, 3)
    y = GENERATOR.normal(size=ROWS).astype(np.float32)
    errors = y[:, None] - logits(model).numpy()
    levels = np.array([0.1, 0.5, 0.9])
    expected = np.maximum(levels * errors, (levels - 1) * errors).mean()
    result = train(tmp_path, model, y, QuantileRegressor(), batch_size=ROWS, metrics=["shares_below"])
    assert result.history[0]["train_loss"] == pytest.approx(expected, rel=1e-5)
    assert result.monitor == "pinball"
    ordered = np.sort(logits(model).numpy(), axis=1)
    shares = (y[:, None] <= ordered).mean(axis=0)
    assert result.best["validation_share_below_0.9"] == pytest.approx(shares[2])


class TwoOutputs(nn.Module):
    """A class, and a number."""

    def __init__(self) -> None:
        super().__init__()
        self.kind, self.mass = nn.Linear(2, 3), nn.Linear(2, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"kind": self.kind(x), "mass": self.mass(x)}


def test_several_outputs_of_different_kinds(tmp_path: Path) -> None:
    model = TwoOutputs()
    mass = X.sum(axis=1)
    rows = make_rows(species=CLASS, grams=mass)
    outputs: Any = logits(model)
    classes = F.cross_entropy(outputs["kind"], torch.from_numpy(CLASS)).item()
    numbers = ((outputs["mass"][:, 0].numpy() - mass) ** 2).mean()
    head = {"kind": Classifier(["a", "b", "c"]), "mass": Regressor()}
    label = {"kind": "species", "mass": "grams"}
    result = fit(
        model, rows, rows, label=label, head=head, out_dir=tmp_path, epochs=2, batch_size=ROWS,
        metrics=["auc", "mass_mae"], monitor="kind_auc", progress=False,
    )  # fmt: skip
    first = result.history[0]
    assert first["train_loss"] == pytest.approx(classes + numbers, rel=1e-5)
    assert first["train_kind_loss"] == pytest.approx(classes, rel=1e-5)
    assert {"validation_kind_auc", "validation_mass_mae", "validation_mass_rmse"} <= first.keys()
    assert result.monitor == "kind_auc"
    found = predict(model, rows, label=label)
    assert found.outputs["kind"].shape == (ROWS, 3)
    assert (found.labels["kind"] == CLASS).all()


def test_a_loss_of_one_s_own(tmp_path: Path) -> None:
    model = nn.Linear(2, 1)
    y = X[:, 0].copy()
    expected = F.l1_loss(logits(model)[:, 0], torch.from_numpy(y)).item()
    result = train(tmp_path, model, y, batch_size=ROWS, loss=F.l1_loss)
    assert result.history[0]["train_loss"] == pytest.approx(expected, rel=1e-5)
    assert result.best["validation_rmse"] == pytest.approx(
        float(np.sqrt(((logits(model)[:, 0].numpy() - y) ** 2).mean())), rel=1e-5
    )
    with pytest.raises(UsageError, match=r"loss: expected a function, got the class L1Loss; .*L1Loss\(\)"):
        train(tmp_path, model, y, loss=nn.L1Loss)
    with pytest.raises(UsageError, match="the folder holds a training with other settings: loss was"):
        train(tmp_path, model, y, batch_size=ROWS, loss=F.mse_loss)


def test_balanced_weights_of_classes(tmp_path: Path) -> None:
    model = nn.Linear(2, 3)
    counts = np.bincount(CLASS, minlength=3)
    weights = ROWS / (3 * counts)
    losses = F.cross_entropy(logits(model), torch.from_numpy(CLASS), reduction="none").numpy()
    result = train(tmp_path, model, CLASS, batch_size=ROWS, class_weight="balanced")
    assert result.history[0]["train_loss"] == pytest.approx((weights[CLASS] * losses).mean(), rel=1e-5)
    assert result.monitor == "loss"  # the best epoch is balanced, too: accuracy favours the frequent class
    losses = F.cross_entropy(logits(model), torch.from_numpy(CLASS), reduction="none").numpy()
    assert result.best["validation_loss"] == pytest.approx((weights[CLASS] * losses).mean(), rel=1e-5)
    assert result.head == Classifier()


def test_weights_of_classes_by_name(tmp_path: Path) -> None:
    model = nn.Linear(2, 3)
    losses = F.cross_entropy(logits(model), torch.from_numpy(CLASS), reduction="none").numpy()
    weights = np.array([1.0, 1.0, 5.0])
    head = Classifier(["a", "b", "c"])
    loss = first_loss(tmp_path, model, CLASS, head, class_weight={"c": 5})
    assert loss == pytest.approx((weights[CLASS] * losses).mean(), rel=1e-5)
    with pytest.raises(UsageError, match="class_weight: unknown class 'd'; choose among: a, b, c"):
        train(tmp_path / "other", model, CLASS, head, class_weight={"d": 2})


def test_weights_of_rows_count_as_often_as_they_say(tmp_path: Path) -> None:
    model = nn.Linear(2, 3)
    weights = (np.arange(ROWS) % 3).astype(np.int64)
    rows = make_rows(y=CLASS, w=weights)
    losses = F.cross_entropy(logits(model), torch.from_numpy(CLASS), reduction="none").numpy()
    result = fit(
        model, rows, make_rows(y=CLASS), label="y", sample_weight="w", out_dir=tmp_path, epochs=1,
        batch_size=ROWS, progress=False,
    )  # fmt: skip
    expected = np.repeat(losses, weights).mean()
    assert result.history[0]["train_loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"metrics": ["aucc"]},
            "metrics: classification does not have the metric 'aucc'; did you mean 'auc'?",
        ),
        ({"metrics": "auc"}, "metrics: expected names, got 'auc'"),
        ({"monitor": "mae"}, "monitor: classification does not have the metric 'mae'"),
        ({"class_weight": "equal"}, "class_weight: expected weights, got 'equal'"),
        ({"class_weight": {0: -1}}, r"class_weight\[0\]: expected a number of at least 0"),
        ({"sample_weight": "y"}, "sample_weight: 'y' is the label"),
        ({"choose_threshold": "f1"}, "choose_threshold needs two classes, got 3"),
        ({"monitor": "recall_d"}, "classification does not have the metric 'recall_d'"),
        ({"choose_threshold": "recall"}, "choose_threshold: expected 'recall=0.9', got 'recall'"),
        ({"label": {"kind": "y"}}, "label is a dict by output of the model, but head is not"),
    ],
)
def test_options_of_other_tasks_are_refused(tmp_path: Path, changes: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        train(tmp_path, nn.Linear(2, 3), CLASS, Classifier(["a", "b", "c"]), **changes)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("y", "head", "validation", "message"),
    [
        (np.ones((ROWS, 3), np.float32), Classifier(), None, r"label \[1, 1, 1\] in row 0 .* sum to 1"),
        (np.ones((ROWS, 3), np.float32), Classifier(), np.eye(3, dtype=np.float32)[CLASS], "sum to 1"),
        (2 * SETS, MultiLabelClassifier(), None, "expected labels of 0 and 1, got 2"),
        (2 * SETS, MultiLabelClassifier(), SETS.astype(np.int64), "expected labels of 0 and 1, got 2"),
        (Ragged(CLASS - 1, np.arange(ROWS + 1)), MultiLabelClassifier(), None, "label -1 in a model of"),
        (
            CLASS,
            MultiLabelClassifier(),
            None,
            "int64, but MultiLabelClassifier expects a vector",
        ),
        (CLASS, QuantileRegressor(), None, "the label is int64, but QuantileRegressor expects floats"),
    ],
)
def test_labels_of_another_kind_are_one_line(
    tmp_path: Path, y: Any, head: Any, validation: Any, message: str
) -> None:
    outputs = 2 if isinstance(head, MultiLabelClassifier) else 3
    rows = [make_rows(y=y), make_rows(y=y if validation is None else validation)]
    settings: dict[str, Any] = {"label": "y", "head": head, "out_dir": tmp_path, "progress": False}
    with pytest.raises(HeadraceError, match=message) as raised:
        fit(nn.Linear(2, outputs), *rows, **settings)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.where(np.arange(ROWS) == 7, -1.0, 1.0), "weight of at least 0, got -1 in row 7; fill in or drop"),
        (np.where(np.arange(ROWS) == 7, np.nan, 1.0), "weight of at least 0, got nan in row 7"),
        (np.zeros(ROWS), "every weight in 'w' is 0"),
        (np.ones((ROWS, 2)), "feature 'w': sample_weight: expected one number per row"),
    ],
)
def test_weights_that_are_not_weights_are_one_line(tmp_path: Path, weights: Any, message: str) -> None:
    rows = make_rows(y=CLASS, w=weights)
    with pytest.raises(HeadraceError, match=message):
        fit(nn.Linear(2, 3), rows, rows, label="y", sample_weight="w", out_dir=tmp_path, progress=False)


def test_metrics_that_the_data_does_not_define_are_refused(tmp_path: Path) -> None:
    rows, single = make_rows(y=CLASS), make_rows(y=np.zeros(ROWS, np.int64))
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"metrics": ["auc"]}, "metrics: 'auc' is not defined: the data has a single class"),
        ({"monitor": "recall_2"}, "monitor: 'recall_2' is not defined: the data has no row of this class"),
    )
    for options, message in cases:
        with pytest.raises(UsageError, match=message):
            fit(
                nn.Linear(2, 3), rows, single, label="y", out_dir=tmp_path, fresh=True, progress=False,
                epochs=1, **options,
            )  # fmt: skip


def test_the_loss_decides_between_epochs_of_equal_accuracy(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Sigmoid(), nn.Linear(2, 2))
    y = (X[:, 0] > 0).astype(np.int64)
    model[2].requires_grad_(False)
    state = {"0.weight": torch.tensor([[-1.0, 0.0], [1.0, 0.0]]), "2.weight": torch.eye(2)}
    model.load_state_dict({**state, "2.bias": torch.zeros(2)})
    result = train(tmp_path, model, y, epochs=3, learning_rate=1e-5)
    assert [row["validation_accuracy"] for row in result.history] == [1.0, 1.0, 1.0]
    assert result.best_epoch > 1
    assert result.best_epoch == 1 + int(np.argmin([row["validation_loss"] for row in result.history]))
