"""Predictions and metrics of a model over a dataset."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace import Dataset
from headrace.columns import Ragged
from headrace.errors import ModelError, UsageError
from headrace.training import evaluate, measure_predictions, predict, predict_batches
from headrace.training.model_inputs import call_model

X = np.arange(10, dtype=np.float32).reshape(5, 2)
DATA = Dataset.from_arrays({"x": X, "label": np.array([0, 1, 1, 1, 0])})


def identity() -> nn.Linear:
    layer = nn.Linear(2, 2, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.eye(2))
    return layer


def test_batches_are_in_order_without_dropout_or_gradients() -> None:
    model = nn.Sequential(identity(), nn.Dropout(0.9)).train()
    batches = list(predict_batches(model, DATA, label="label", batch_size=2))
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert torch.cat(batches).tolist() == X.tolist()
    assert model.training


def test_gradients_stay_enabled_in_the_caller_between_batches() -> None:
    for _ in predict_batches(identity(), DATA, label="label", batch_size=2):
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()
        break


def test_without_a_label_every_column_is_a_feature() -> None:
    (outputs,) = predict_batches(identity(), Dataset.from_arrays({"x": X}))
    assert outputs.tolist() == X.tolist()


def test_predictions_and_classes() -> None:
    predictions = predict(identity(), DATA, label="label")
    assert predictions.classes.tolist() == [1] * 5
    assert predictions.labels is not None
    assert predictions.labels.tolist() == [0, 1, 1, 1, 0]


def test_a_cpu_is_given_fewer_images_at_a_time_than_rows() -> None:
    images = Dataset.from_arrays({"x": np.zeros((130, 2, 1), np.float32)})
    assert [len(each) for each in predict_batches(nn.Flatten(), images)] == [64, 64, 2]
    rows = Dataset.from_arrays({"x": np.zeros(260, np.float32)})
    assert [len(each) for each in predict_batches(nn.Identity(), rows)] == [256, 4]


@pytest.mark.parametrize("batch_size", [1, 2, 5, 100])
def test_metrics_do_not_depend_on_the_batches(batch_size: int) -> None:
    metrics = evaluate(identity(), DATA, label="label", batch_size=batch_size)
    logits = torch.from_numpy(X)
    expected = nn.functional.cross_entropy(logits, torch.tensor([0, 1, 1, 1, 0])).item()
    assert metrics == {"loss": pytest.approx(expected), "accuracy": pytest.approx(0.6)}


def test_rmse_is_in_the_labels_units_and_loss_in_scaled_ones() -> None:
    data = Dataset.from_arrays({"x": np.ones((2, 2), np.float32), "y": np.array([1.0, 5.0])})
    model = nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        model.weight.fill_(0.5)
    metrics = evaluate(model, data, label="y", label_scale=2.0)
    assert metrics == {"loss": pytest.approx(2.0), "rmse": pytest.approx(8**0.5)}


def test_a_dataset_without_rows_is_refused() -> None:
    with pytest.raises(UsageError, match="no rows"):
        evaluate(identity(), DATA.take(0), label="label")
    with pytest.raises(UsageError, match="no rows"):
        predict(identity(), DATA.take(0), label="label")


def test_the_mode_of_each_layer_is_restored() -> None:
    model = nn.Sequential(identity(), nn.BatchNorm1d(2), nn.Dropout(0.5)).train()
    model[1].eval()  # frozen statistics
    predict(model, DATA, label="label")
    evaluate(model, DATA, label="label")
    assert [layer.training for layer in model] == [True, False, True]
    with pytest.raises(ModelError):
        evaluate(nn.Sequential(model, nn.Linear(5, 1)), DATA, label="label")
    assert [layer.training for layer in model] == [True, False, True]


@pytest.mark.parametrize("size", [0, -1, 2.5, True])
def test_batch_sizes_are_integers(size: Any) -> None:
    with pytest.raises(UsageError, match=r"size"):
        predict(identity(), DATA, label="label", batch_size=size)


def test_images_from_0_to_255_for_a_network_of_floats() -> None:
    rows = Dataset.from_arrays({"image": np.zeros((2, 2), np.uint8)})
    with pytest.raises(
        ModelError, match=r"fails on image uint8\[2, 2\]: .*; cast integers to floats in the preproc"
    ):
        predict(identity(), rows)


def test_one_row_in_a_batch_normalisation() -> None:
    """Training fails on a last batch of one row; the hint says so."""
    with pytest.raises(
        ModelError, match=r"Expected more than 1 value per channel.*; batch normalisation cannot train"
    ):
        call_model(nn.BatchNorm1d(2).train(), {"x": torch.zeros(1, 2)})
    assert len(predict(nn.BatchNorm1d(2).train(), Dataset.from_arrays({"x": X[:1]})).outputs) == 1


class TwoOutputs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 3)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        found = self.layer(x)
        return {"kind": found[:, :2], "size": found[:, 2]}


@pytest.mark.parametrize(
    ("model", "label", "head", "metrics"),
    [
        (nn.Linear(2, 2), "kind", hr.deploy.Classifier(threshold=0.3), ["auc", "recall_by_class"]),
        (nn.Linear(2, 1), "size", hr.deploy.Regressor(), ["mae"]),
        (nn.Linear(2, 2), "words", hr.deploy.MultiLabelClassifier(), ["f1"]),
        (nn.Linear(2, 2), "size", hr.deploy.QuantileRegressor(quantiles=(0.1, 0.9)), ["shares_below"]),
        (
            TwoOutputs(),
            {"kind": "kind", "size": "size"},
            {"kind": hr.deploy.Classifier(), "size": hr.deploy.Regressor("size")},
            ["kind_auc"],
        ),
    ],
)
def test_predictions_are_measured_as_evaluate_does(
    model: nn.Module, label: Any, head: Any, metrics: list[str]
) -> None:
    x = np.random.default_rng(0).normal(size=(300, 2)).astype(np.float32)
    kind = (x[:, 0] > 0).astype(np.int64)
    columns = {"kind": kind, "size": x[:, 1], "words": Ragged(kind, np.arange(301))}
    used = [label] if isinstance(label, str) else list(label.values())
    rows = hr.Dataset.from_arrays({"x": x, **{name: columns[name] for name in used}})
    expected = evaluate(model, rows, label=label, head=head, metrics=metrics)
    found = measure_predictions(predict(model, rows, label=label), head, metrics=metrics)
    assert found == pytest.approx(expected, rel=1e-5)
    with pytest.raises(UsageError, match="the predictions have no labels; pass label= to predict"):
        measure_predictions(predict(model, rows.drop(used)), head)
