"""`verify` tries 0 rows, 1 row, odd batches and missing values, and shows the rows whose answers differ."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.deploy import Regressor, Verdict, export, load, verify
from headrace.errors import ModelError

ROWS = pa.record_batch({"a": np.arange(20.0), "b": np.arange(20.0)[::-1].copy()})
HEAD = Regressor()


class Calls(nn.Module):
    """A layer and a function of it and its input."""

    def __init__(self, layer: nn.Module, function: Callable[[nn.Module, Tensor], Tensor]) -> None:
        super().__init__()
        self.layer, self.function = layer, function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self.layer, x)


def stack(x):
    return {"x": hr.transform.concatenate([x["a"], x["b"]])}


def export_and_verify(folder: Path, model: nn.Module) -> tuple[Path, Verdict]:
    transform = hr.transform.analyze(stack, [ROWS])
    path = export(folder / "model.onnx", transform=transform, model=model, head=HEAD)
    return path, verify(path, [ROWS], transform=transform, model=model, head=HEAD)


def linear(function: Callable[[nn.Module, Tensor], Tensor]) -> nn.Module:
    torch.manual_seed(0)
    return Calls(nn.Linear(2, 1), function)


def test_an_lstm_answers_0_rows_without_running(tmp_path: Path) -> None:
    """ONNX Runtime aborts the process on an LSTM or GRU over zero rows."""
    torch.manual_seed(0)
    model = Calls(nn.LSTM(2, 1, batch_first=True), lambda layer, x: layer(x[:, None])[0][:, -1])
    path, verdict = export_and_verify(tmp_path, model)
    assert verdict.passed, verdict
    assert any("NaN or infinity" in note for note in verdict.notes)  # ONNX Runtime answers NaN by a number
    assert {each.outcome for each in verdict.trials if each.rows == "0 rows"} <= {
        "equal",
        "skipped",
        "refused",
    }
    none = load(path).predict({"a": np.zeros(0), "b": np.zeros(0)})
    assert none.schema == load(path).predict(ROWS).schema
    assert none.num_rows == 0


def test_a_classifier_answers_0_rows_with_its_types(images) -> None:
    found = load(images.path).run(images.batch.slice(0, 0))
    assert found["label"].shape == (0,)
    assert found["probabilities"].shape == (0, 3)
    assert (
        load(images.path).predict(images.batch.slice(0, 0)).schema
        == load(images.path).predict(images.batch).schema
    )


def test_an_if_on_the_batch_size_bakes_in_the_wrong_branch(tmp_path: Path) -> None:
    """`if x.shape[0] > 1` was exported for three rows, and one row got the other branch's answer."""
    model = linear(lambda layer, x: layer(x) if x.shape[0] > 1 else layer(x) + 1)
    _, verdict = export_and_verify(tmp_path, model)
    assert not verdict.passed
    (row,) = [each for each in verdict.differences if each.feeding == "PyTorch, 1 row"]
    assert row.row == 0
    assert row.inputs == {"a": "0.0", "b": "19.0"}
    assert float(row.found) == pytest.approx(float(row.expected) + 1, abs=1e-5)
    assert "depends on the rows that it is in a batch with" in repr(verdict)
    assert "inputs a=0.0, b=19.0" in repr(verdict)


@pytest.mark.parametrize(
    "function",
    [
        lambda layer, x: layer(x - x.mean(dim=0, keepdim=True)),
        lambda layer, x: layer(x) * x.shape[0],
    ],
    ids=["the mean of the batch", "the number of rows"],
)
def test_answers_that_depend_on_other_rows(tmp_path: Path, function: Callable[..., Tensor]) -> None:
    _, verdict = export_and_verify(tmp_path, linear(function))
    assert not verdict.passed
    assert any(each.way == "PyTorch" and each.outcome == "differs" for each in verdict.trials)


def test_squeeze_loses_the_dimension_of_one_row(tmp_path: Path) -> None:
    _, verdict = export_and_verify(tmp_path, linear(lambda layer, x: layer(x).squeeze()))
    assert not verdict.passed
    (trial,) = [each for each in verdict.trials if each.outcome == "failed"]
    assert trial.rows == "1 row"
    assert "fails in PyTorch on 1 row" in str(trial.reason)


def test_a_network_that_fails_is_named(images) -> None:
    network = Calls(nn.Identity(), lambda _, x: x[:, 5, 5, 5])
    with pytest.raises(ModelError, match=r"the model fails on image .*: IndexError"):
        verify(images.path, [images.batch], transform=images.transform, model=network, head=images.head)


def test_another_default_for_missing_values_is_found_without_missing_values_in_the_data(tmp_path) -> None:
    t = hr.transform
    rows = ROWS.append_column("c", pa.array(range(20)))
    only_a = [t.analyze(lambda x, d=d: {"x": t.fill_missing(x["a"], d)}, [rows]) for d in (0.0, 1.0)]
    one = Calls(nn.Linear(1, 1), lambda layer, x: layer(x[:, None]))
    path = export(tmp_path / "one.onnx", transform=only_a[0], model=one, head=HEAD)
    assert verify(path, [rows], transform=only_a[0], model=one, head=HEAD).passed
    verdict = verify(path, [rows], transform=only_a[1], model=one, head=HEAD)
    assert not verdict.passed
    assert verdict.differences[0].row is None
    assert verdict.differences[0].inputs == {"a": "missing"}


def test_ragged_rows_that_are_empty_and_rows_with_missing_values_are_tried(tmp_path: Path) -> None:
    batch = pa.record_batch({"ids": pa.array([[1, 2], [3], [], [2, 2, 2], None, [0]])})
    transform = hr.transform.analyze(lambda x: {"ids": x["ids"]}, [batch])
    model = nn.Sequential(hr.nn.BagOfEmbeddings(4, 3), nn.Linear(3, 1))
    path = export(tmp_path / "model.onnx", transform=transform, model=model, head=HEAD)
    verdict = verify(path, [batch], transform=transform, model=model, head=HEAD)
    assert verdict.passed, verdict
    assert {"0 rows", "1 row", "3 rows", "7 rows", "3 rows, all missing", "3 rows, one empty"} <= set(
        verdict.batches
    )


def test_every_way_of_feeding_is_tried(offers) -> None:
    verdict = verify(
        offers.path, [offers.batch], transform=offers.transform, model=offers.model, head=offers.head
    )
    assert verdict.passed, verdict
    assert {"Arrow", "dict", "list of dicts", "JSON", "CSV", "JSON lines", "Parquet", "records"} <= set(
        verdict.ways
    )
