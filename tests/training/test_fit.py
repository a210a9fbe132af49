"""`fit` trains classifiers and regressions, writes their files, and refuses what it cannot train."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor, nn

from headrace import Dataset
from headrace.columns import Ragged
from headrace.errors import ModelError, SchemaError, UsageError
from headrace.nn import AffineOutput, BagOfEmbeddings
from headrace.training import FitResult, evaluate, fit


def two_clouds(rows: int = 256, seed: int = 0) -> Dataset:
    generator = np.random.default_rng(seed)
    label = generator.integers(0, 2, rows)
    points = generator.normal(size=(rows, 2)) + 4 * label[:, None]
    return Dataset.from_arrays({"point": points.astype(np.float32), "label": label})


def fit_clouds(out_dir: Path, model: nn.Module | None = None, **changes: Any) -> FitResult:
    settings: dict[str, Any] = {
        "label": "label",
        "epochs": 3,
        "learning_rate": 0.1,
        "batch_size": 16,
        "progress": False,
    }
    torch.manual_seed(0)
    return fit(
        model or nn.Linear(2, 2),
        two_clouds().shuffle(1),
        two_clouds(seed=1),
        out_dir=out_dir,
        **{**settings, **changes},
    )


def test_a_classifier_learns(tmp_path: Path) -> None:
    result = fit_clouds(tmp_path, epochs=8)
    assert result.task == "classification"
    assert result.best["validation_accuracy"] > 0.98
    assert result.epochs == len(result.history) == 8
    assert result.parameters == 6
    assert result.history[-1]["train_loss"] < result.history[0]["train_loss"]
    assert result.history[-1]["learning_rate"] == pytest.approx(0.0)


def test_label_smoothing_prevents_overconfidence(tmp_path: Path) -> None:
    sure = fit_clouds(tmp_path / "sure", epochs=8).history[-1]
    smoothed = fit_clouds(tmp_path / "smoothed", epochs=8, label_smoothing=0.5).history[-1]
    assert sure["train_loss"] < 0.1
    assert smoothed["train_loss"] > 0.5623  # the entropy of a label that is 3/4 one class, 1/4 the other
    assert 0.25 < smoothed["validation_loss"] < 0.35  # not smoothed: -log(3/4) = 0.288
    assert smoothed["validation_accuracy"] > 0.95


def test_label_smoothing_is_a_share_and_needs_classes(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"label_smoothing is 1\.5; use a number of at least 0 and below 1"):
        fit_clouds(tmp_path, label_smoothing=1.5)
    rows = Dataset.from_arrays({"x": np.ones((8, 1), np.float32), "label": np.ones(8, np.float32)})
    with pytest.raises(UsageError, match="got floating-point labels"):
        fit(nn.Linear(1, 1), rows, rows, label="label", epochs=1, out_dir=tmp_path, label_smoothing=0.1)


def test_an_option_missing_from_an_older_checkpoint_had_its_default(tmp_path: Path) -> None:
    fit_clouds(tmp_path)
    state = tmp_path / "state.safetensors"
    stored = state.read_bytes()
    (size,) = struct.unpack("<Q", stored[:8])
    header = json.loads(stored[8 : 8 + size])
    run = json.loads(header["__metadata__"]["run"])
    del run["settings"]["label_smoothing"], run["settings"]["augment"], run["settings"]["optimizer"]
    header["__metadata__"]["run"] = json.dumps(run)
    older = json.dumps(header).encode()
    state.write_bytes(struct.pack("<Q", len(older)) + older + stored[8 + size :])
    assert fit_clouds(tmp_path).resumed_at_step is not None
    with pytest.raises(UsageError, match=r"label smoothing was 0\.0 and is now 0\.1"):
        fit_clouds(tmp_path, label_smoothing=0.1)


def test_stochastic_gradient_descent_with_momentum(tmp_path: Path) -> None:
    result = fit_clouds(tmp_path / "sgd", epochs=8, optimizer="sgd")
    assert result.best["validation_accuracy"] > 0.98
    state = load_file(tmp_path / "sgd" / "state.safetensors")
    assert {name for name in state if name.startswith("optimizer/")} == {
        "optimizer/0/momentum_buffer",
        "optimizer/1/momentum_buffer",
    }


def test_an_unknown_optimizer(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"optimizer: expected one of .*, got 'sdg'; did you mean 'sgd'"):
        fit_clouds(tmp_path, optimizer="sdg")


class SideHead(nn.Linear):
    """A model with an auxiliary head that returns the negated logits."""

    auxiliary_weight = 3.0

    def forward(self, input: Tensor) -> Any:  # noqa: A002
        outputs = super().forward(input)
        return (outputs, -outputs) if self.training else outputs


def test_auxiliary_heads_are_weighted_in_the_loss(tmp_path: Path) -> None:
    plain = fit_clouds(tmp_path / "plain", epochs=8)
    side = fit_clouds(tmp_path / "side", SideHead(2, 2), epochs=8)
    assert plain.history[-1]["validation_accuracy"] > 0.95
    assert side.history[-1]["validation_accuracy"] < 0.05


def test_a_model_with_auxiliary_heads_must_return_a_tuple(tmp_path: Path) -> None:
    model = nn.Linear(2, 2)
    model.auxiliary_weight = 0.3  # pyright: ignore
    with pytest.raises(ModelError, match="got Tensor; return a tuple of tensors from forward in training"):
        fit_clouds(tmp_path, model)


def test_the_model_has_the_best_weights_afterwards(tmp_path: Path) -> None:
    model = nn.Linear(2, 2)
    result = fit_clouds(tmp_path, model)
    assert torch.equal(load_file(result.best_weights)["weight"], model.weight)
    metrics = evaluate(model, two_clouds(seed=1), label="label")
    assert metrics["accuracy"] == result.best["validation_accuracy"]
    assert metrics["loss"] == pytest.approx(result.best["validation_loss"])


def test_files_for_people_and_other_programs(tmp_path: Path) -> None:
    result = fit_clouds(tmp_path)
    stored = json.loads((tmp_path / "history.json").read_text())
    assert stored["history"] == result.history
    assert stored["settings"]["learning_rate"] == 0.1
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    accuracy = [event.value for event in events.Scalars("epoch/validation_accuracy")]
    assert accuracy == pytest.approx([row["validation_accuracy"] for row in result.history])
    assert not list(tmp_path.rglob("*.part"))


def test_a_regression_learns_in_the_label_s_units(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(512, 3)).astype(np.float32)
    price = 200_000 + 50_000 * x.sum(axis=1)
    data = Dataset.from_arrays({"x": x, "price": price.astype(np.float64)})
    model = nn.Sequential(nn.Linear(3, 1), AffineOutput(scale=price.std(), offset=price.mean()))
    result = fit(
        model,
        data.shuffle(0),
        data,
        label="price",
        label_scale=float(price.std()),
        epochs=20,
        learning_rate=0.05,
        out_dir=tmp_path,
        progress=False,
    )
    assert result.task == "regression"
    assert result.best["validation_rmse"] < 2_000
    assert result.best_epoch == min(result.history, key=lambda row: row["validation_rmse"])["epoch"]
    last = result.history[-1]
    assert last["validation_rmse"] == pytest.approx(price.std() * last["validation_loss"] ** 0.5, rel=1e-4)


class WordsAndNumber(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.bag = BagOfEmbeddings(5, 4)
        self.head = nn.Linear(5, 2)

    def forward(self, number: Tensor, words: Ragged) -> Tensor:
        return self.head(torch.cat([self.bag(words), number.unsqueeze(1)], dim=1))


def test_several_features_reach_the_model_by_name(tmp_path: Path) -> None:
    rows = 120
    splits = np.arange(rows + 1) * 2
    words = np.random.default_rng(0).integers(0, 5, 2 * rows)
    label = (words.reshape(rows, 2) == 3).any(axis=1).astype(np.int64)
    number = np.zeros(rows, np.float32)
    data = Dataset.from_arrays({"words": Ragged(words, splits), "label": label, "number": number})
    result = fit(
        WordsAndNumber(),
        data,
        data,
        label="label",
        epochs=15,
        learning_rate=0.1,
        out_dir=tmp_path,
        progress=False,
    )
    assert result.best["validation_accuracy"] > 0.98


def test_booleans_are_classes(tmp_path: Path) -> None:
    data = Dataset.from_arrays({"x": np.eye(4, dtype=np.float32), "label": np.array([True, False] * 2)})
    result = fit(nn.Linear(4, 2), data, data, label="label", epochs=2, out_dir=tmp_path, progress=False)
    assert result.task == "classification"


def test_training_ends_when_patience_runs_out(tmp_path: Path) -> None:
    class Constant(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bias = nn.Parameter(torch.zeros(1))

        def forward(self, x: Tensor) -> Tensor:
            return torch.tensor([1.0, 0.0]) + 0 * self.bias * x

    result = fit_clouds(tmp_path, Constant(), epochs=50, patience=2)
    assert (result.best_epoch, result.epochs) == (1, 3)
    assert fit_clouds(tmp_path, Constant(), epochs=50, patience=2).history == result.history


def test_torch_s_random_state_is_restored(tmp_path: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    fit(
        nn.Sequential(nn.Dropout(), AffineOutput(1.0, 0.0), nn.Linear(2, 2, bias=False)).requires_grad_(True),
        two_clouds(),
        two_clouds(),
        label="label",
        epochs=1,
        out_dir=tmp_path,
        progress=False,
    )
    torch.manual_seed(5)
    assert torch.equal(torch.rand(3), expected)


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    weights: list[Tensor] = []
    for name in ("one", "two"):
        model = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), nn.Linear(8, 2))
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.fill_(0.1)
        torch.rand(len(weights) + 7)
        fit_clouds(tmp_path / name, model)
        weights.append(load_file(tmp_path / name / "last.safetensors")["2.weight"])
    assert torch.equal(*weights)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 2}, "epochs was 3 and is now 2"),
        ({"batch_size": 32}, "batch size was 16 and is now 32"),
        ({"learning_rate": 0.2}, "learning rate was 0.1 and is now 0.2"),
        ({"seed": 1}, "seed was 0 and is now 1"),
        ({"model": nn.Linear(2, 3)}, "parameters was 6 and is now 9"),
        ({"model": nn.Sequential(nn.Linear(2, 2), nn.ReLU())}, "layers was"),
    ],
)
def test_a_training_with_other_options_is_not_resumed(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    fit_clouds(tmp_path)
    with pytest.raises(UsageError, match=message) as raised:
        fit_clouds(tmp_path, **change)
    assert raised.value.path == str(tmp_path / "state.safetensors")
    assert raised.value.hint == "choose another out_dir, or pass fresh=True to start over"


def test_a_training_with_other_data_is_not_resumed(tmp_path: Path) -> None:
    fit_clouds(tmp_path)
    with pytest.raises(UsageError, match="validation data was"):
        fit(
            nn.Linear(2, 2),
            two_clouds(),
            two_clouds(seed=2),
            label="label",
            epochs=3,
            learning_rate=0.1,
            out_dir=tmp_path,
        )


def test_fresh_starts_over(tmp_path: Path) -> None:
    fit_clouds(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    result = fit_clouds(tmp_path, epochs=1, fresh=True)
    assert result.epochs == 1
    assert result.resumed_at_step is None
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    state = fit_clouds(tmp_path).last_weights.with_name("state.safetensors")
    state.write_bytes(state.read_bytes()[:100])
    with pytest.raises(ModelError, match=r"state\.safetensors: (not a checkpoint|the file is).*fresh=True"):
        fit_clouds(tmp_path)


def test_a_loss_that_is_not_finite_stops_training(tmp_path: Path) -> None:
    points = np.full((64, 2), np.nan, np.float32)
    data = Dataset.from_arrays({"point": points, "label": np.zeros(64, np.int64)})
    with pytest.raises(ModelError, match="the loss is not finite in epoch 1, batch 1"):
        fit(nn.Linear(2, 2), data, data, label="label", epochs=1, out_dir=tmp_path, progress=False)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"label": "lable"}, SchemaError, "feature 'lable': the label is not among"),
        ({"epochs": 0}, UsageError, "epochs is 0"),
        ({"batch_size": -1}, UsageError, "batch_size is -1"),
        ({"learning_rate": float("nan")}, UsageError, "learning_rate: expected a number above 0, got nan"),
        (
            {"mixed_precision": "fp8"},
            UsageError,
            "mixed_precision: expected one of 'no', 'bf16', 'auto', got 'fp8'",
        ),
        ({"device": "cuda"}, UsageError, "device 'cuda' is not available"),
        ({"model": nn.Flatten(0)}, UsageError, "no trainable parameters"),
        (
            {"model": nn.Sequential(nn.Linear(2, 2), nn.Flatten(0))},
            ModelError,
            r"expected outputs of shape \[8, classes\], got \[16\]",
        ),
    ],
)
def test_bad_arguments_are_one_clear_line(
    tmp_path: Path, change: dict[str, Any], error: type[Exception], message: str
) -> None:
    if change.get("device") == "cuda" and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(error, match=message) as raised:
        fit_clouds(tmp_path, **change)
    assert "\n" not in str(raised.value)


def test_data_without_rows_is_refused(tmp_path: Path) -> None:
    none = two_clouds().take(0)
    with pytest.raises(UsageError, match="the training data has no rows"):
        fit(nn.Linear(2, 2), none, two_clouds(), label="label", epochs=1, out_dir=tmp_path)
    with pytest.raises(UsageError, match="the validation data has no rows"):
        fit(nn.Linear(2, 2), two_clouds(), none, label="label", epochs=1, out_dir=tmp_path)


def test_bf16_after_full_precision_in_one_process(tmp_path: Path) -> None:
    fit_clouds(tmp_path / "full")
    model = nn.Linear(2, 2)
    result = fit_clouds(tmp_path / "bf16", model, epochs=8, mixed_precision="bf16")
    assert result.best["validation_accuracy"] > 0.98
    assert model(torch.zeros(1, 2)).dtype == torch.float32


def test_automatic_precision_is_one_of_the_two(tmp_path: Path) -> None:
    trained: dict[str, Tensor] = {}
    for precision in ("no", "bf16", "auto"):
        torch.manual_seed(0)
        model = nn.Linear(2, 2)
        fit_clouds(tmp_path / precision, model, mixed_precision=precision)
        trained[precision] = model.weight.detach()
    assert not torch.equal(trained["no"], trained["bf16"])
    assert any(torch.equal(trained["auto"], trained[precision]) for precision in ("no", "bf16"))


def test_a_feature_called_self_is_one_line_with_a_hint(tmp_path: Path) -> None:
    class Network(nn.Linear):
        def forward(this, **features: Tensor) -> Tensor:  # noqa: N805
            return super().forward(features["self"][:, None])

    numbers = np.zeros(8, np.float32)
    rows = Dataset.from_arrays({"self": numbers, "other": numbers, "label": numbers})
    with pytest.raises(ModelError, match="rename the feature 'self': Python's methods have") as raised:
        fit(Network(1, 1), rows, rows, label="label", out_dir=tmp_path, progress=False)
    assert "\n" not in str(raised.value)


def lazy_network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.LazyLinear(4), nn.LazyBatchNorm1d(), nn.ReLU(), nn.LazyLinear(2))


def test_lazy_layers_get_their_shapes_from_the_data(tmp_path: Path) -> None:
    model = lazy_network()
    result = fit_clouds(tmp_path, model, epochs=2)
    assert result.parameters == sum(each.numel() for each in model.parameters()) == 3 * 4 + 2 * 4 + 5 * 2
    resumed = fit_clouds(tmp_path, lazy_network(), epochs=2)
    assert resumed.history == result.history


def test_lazy_layers_that_do_not_fit_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"point float32"):
        fit_clouds(tmp_path, nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(2)))
