"""Optimizers and schedules by torch's names, accumulation, averages, batches of one row, loggers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tensorboard.compat.proto.event_pb2 import Event  # pyright: ignore[reportAttributeAccessIssue]
from torch import Tensor, nn

from headrace import Dataset
from headrace.columns import Ragged
from headrace.errors import ModelError
from headrace.records import RecordReader
from headrace.training import FitResult, fit
from headrace.training.loop.train_batches import TrainBatches, count_batches
from headrace.training.optimization import Schedule, WeightUpdate, make_optimizer
from headrace.training.optimization_options import OPTIMIZERS
from headrace.training.options import Options

GENERATOR = np.random.default_rng(0)
LABELS = GENERATOR.integers(0, 2, 30)
POINTS = (GENERATOR.normal(size=(30, 2)) + 2 * LABELS[:, None]).astype(np.float32)
ROWS = Dataset.from_arrays({"x": POINTS, "label": LABELS})


def train(out_dir: Path, model: nn.Module | None = None, rows: Dataset = ROWS, **options: Any) -> FitResult:
    torch.manual_seed(0)
    chosen: dict[str, Any] = {"epochs": 2, "batch_size": 8, "learning_rate": 0.05, **options}
    return fit(model or nn.Linear(2, 2), rows, rows, label="label", out_dir=out_dir, progress=False, **chosen)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_trains_and_resumes(tmp_path: Path, name: str) -> None:
    chosen: dict[str, Any] = {"optimizer": name, "schedule": "constant"}
    rate = 1.0 if name == "adadelta" else 0.05
    first = train(tmp_path, epochs=2, learning_rate=rate, **chosen)
    longer = train(tmp_path, epochs=4, learning_rate=rate, **chosen)  # restores the moments
    assert longer.history[:2] == first.history
    assert longer.history[-1]["train_loss"] < first.history[0]["train_loss"]


def test_an_embedding_with_sparse_gradients_is_refused_if_it_is_trained(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Embedding(2, 2, sparse=True), nn.Linear(2, 2))
    rows = Dataset.from_arrays({"x": LABELS, "label": LABELS})
    with pytest.raises(ModelError, match=r"layer '0' has sparse gradients.*sparse=False"):
        train(tmp_path, model, rows)
    assert train(tmp_path / "frozen", model, rows, freeze=["0"]).epochs == 2


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_weight_update_has_the_bits_of_the_optimizer_by_hand(name: str) -> None:
    options = Options(optimizer=name, learning_rate=0.1, weight_decay=0.1).check()
    weights = list[list[Tensor]]()
    for by_hand in (True, False):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2))
        optimizer = make_optimizer(model, options, torch.device("cpu"))
        update = WeightUpdate(optimizer)
        for factor in (0.5, 1.0):
            model(torch.from_numpy(POINTS)).square().mean().backward()
            if not by_hand:
                update.run(factor)
                assert all(each.grad is None for each in model.parameters())
                continue
            for group in optimizer.param_groups:
                group["lr"] = 0.1 * factor
            if name == "adamw":  # decays matrices only
                for matrix in (each for each in model.parameters() if each.ndim == 2):
                    matrix.data *= 1 - 0.1 * factor * 0.1
            optimizer.step()
            optimizer.zero_grad()
        weights.append([each.detach() for each in model.parameters()])
    assert all(torch.equal(*pair) for pair in zip(*weights, strict=True))


def test_the_decay_of_a_large_matrix_is_that_of_a_small_one() -> None:
    """The optimizer decays it in its own pass, which rounds in another order."""
    options = Options(learning_rate=0.1, weight_decay=0.1).check()
    model = nn.ModuleList([nn.Linear(512, 512), nn.Linear(512, 2)])
    optimizer = make_optimizer(model, options, torch.device("cpu"))
    assert sorted(group["weight_decay"] for group in optimizer.param_groups) == [0.0, 0.1]
    before = [each.detach().clone() for each in model.parameters()]
    for each in model.parameters():
        each.grad = torch.zeros_like(each)  # only the decay changes weights
    WeightUpdate(optimizer).run(0.5)
    for old, new in zip(before, model.parameters(), strict=True):
        expected = old * (1 - 0.1 * 0.5 * 0.1) if old.ndim == 2 else old
        torch.testing.assert_close(new.detach(), expected, rtol=1e-6, atol=0)


def factors(**options: Any) -> list[float]:
    schedule = Schedule(Options(epochs=2, **options).check(), updates_per_epoch=5)
    return [schedule.compute_factor(update) for update in range(10)]


def test_schedules() -> None:
    assert factors(schedule="constant") == [1.0] * 10
    assert factors(schedule="linear")[::5] == pytest.approx([1.0, 0.5])
    assert factors(schedule="cosine")[::5] == pytest.approx([1.0, 0.5])
    assert factors(schedule="exponential", gamma=0.5) == [1.0] * 5 + [0.5] * 5
    assert factors()[0] == pytest.approx(1 / 25)
    warm = factors(schedule="linear", warmup_steps=4)
    assert warm[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert warm[-1] == pytest.approx(1 / 6)


def test_accumulated_batches_update_as_one_batch_does(tmp_path: Path) -> None:
    models = [nn.Linear(2, 2), nn.Linear(2, 2)]
    ways: list[dict[str, Any]] = [{"batch_size": 4, "accumulate": 3}, {"batch_size": 12}]
    for model, options in zip(models, ways, strict=True):
        nn.init.ones_(model.weight)
        nn.init.zeros_(model.bias)
        result = train(tmp_path / f"{len(options)}", model, optimizer="sgd", max_grad_norm=0.5, **options)
        assert [row["learning_rate"] for row in result.history][-1] == 0
    assert torch.allclose(models[0].weight, models[1].weight, atol=1e-6)
    assert torch.allclose(models[0].bias, models[1].bias, atol=1e-6)


def test_the_average_of_the_weights_is_validated_and_returned(tmp_path: Path) -> None:
    seen: list[Tensor] = []

    class Recording(nn.Linear):
        def forward(self, input: Tensor) -> Tensor:  # noqa: A002
            if self.training:
                seen.append(self.weight.detach().clone())
            return super().forward(input)

    model = Recording(2, 2)
    result = train(tmp_path, model, epochs=1, batch_size=30, ema_decay=0.9, schedule="constant")
    after = seen[0] - model.weight
    # Adam's first step is 0.05 for every weight (and 1/2000 of decay); after update 1 the decay is 2 / 11.
    assert float(after.detach().abs().max()) == pytest.approx(0.05 * 9 / 11, rel=0.05)
    loss = nn.functional.cross_entropy(model(torch.from_numpy(POINTS)), torch.from_numpy(LABELS))
    assert result.best["validation_loss"] == pytest.approx(float(loss), rel=1e-5)


@pytest.mark.parametrize(("rows", "size"), [(17, 8), (9, 4), (33, 16), (5, 2), (8, 8), (3, 1), (1, 4)])
def test_a_last_batch_of_one_row_joins_the_batch_before(rows: int, size: int) -> None:
    words = Ragged(np.arange(2 * rows), np.arange(rows + 1) * 2)
    data = Dataset.from_arrays({"x": np.arange(rows), "words": words})
    batches = TrainBatches(data, rows, size, torch.device("cpu"))
    found = list(batches.iterate())
    assert len(found) == count_batches(rows, size)
    assert torch.cat([batch["x"] for batch in found]).tolist() == list(range(rows))
    assert torch.cat([batch["words"].values for batch in found]).tolist() == list(range(2 * rows))
    for batch in found:
        assert batch["words"].row_splits.tolist() == list(range(0, 2 * len(batch["x"]) + 1, 2))
        assert len(batch["x"]) > 1 or size == 1 or rows == 1


def test_a_last_batch_of_one_row_does_not_kill_a_batch_norm(tmp_path: Path) -> None:
    for steps in (None, 4):
        torch.manual_seed(1)
        model = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
        result = train(tmp_path, model, ROWS.take(17), accumulate=2, checkpoint_seconds=0)
        assert result.resumed_at_step == steps


def test_metrics_reach_every_logger(tmp_path: Path) -> None:
    class Run:
        """As a run of W&B: `log(data, step=None)`."""

        def __init__(self) -> None:
            self.seen: list[tuple[dict[str, float], int | None]] = []

        def log(self, data: dict[str, float], step: int | None = None) -> None:
            self.seen.append((data, step))

    logged: list[tuple[dict[str, float], int]] = []
    run = Run()
    result = train(tmp_path, logger=[lambda metrics, step: logged.append((metrics, step)), run])
    assert run.seen == logged
    (events,) = (tmp_path / "tensorboard").iterdir()
    shown = [event for event in map(Event.FromString, RecordReader(events)) if event.summary.value]
    assert [
        (event.step, {value.tag: value.simple_value for value in event.summary.value}) for event in shown
    ] == [(step, pytest.approx(metrics, rel=1e-6)) for metrics, step in logged]
    steps = [step for _, step in logged]
    assert steps == sorted(steps)
    epochs = [metrics for metrics, _ in logged if "epoch/validation_loss" in metrics]
    assert [each["epoch/validation_loss"] for each in epochs] == [
        r["validation_loss"] for r in result.history
    ]
    assert sum("step/loss" in metrics for metrics, _ in logged) == 8
