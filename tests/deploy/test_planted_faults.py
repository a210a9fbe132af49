"""Faults between training and serving, each planted once: refused, or found with a line that says what."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.columns import to_arrow
from headrace.deploy import Classifier, Regressor, export, load, verify
from headrace.errors import HeadraceError, ModelError, UsageError

t = hr.transform
GENERATOR = np.random.default_rng(0)
WORDS = ("red", "green", "Blue", "blue", "it's", "naïve")
TEXTS = [" ".join(GENERATOR.choice(WORDS, 5)) + "!" for _ in range(40)]
ROWS = pa.record_batch(
    {
        "age": GENERATOR.normal(40, 9, 40),
        "text": pa.array(TEXTS),
        "image": to_arrow(GENERATOR.integers(0, 256, (40, 6, 6), dtype=np.uint8)),
    }
)
NAMES = ("Adelie", "Chinstrap", "Gentoo")


class Network(nn.Module):
    """A number, words and an image to three logits."""

    def __init__(self) -> None:
        super().__init__()
        self.bag = hr.nn.BagOfEmbeddings(12, 4)
        self.last = nn.Sequential(nn.Linear(14, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 3))

    def forward(self, age: Tensor, image: Tensor, words: Any) -> Tensor:
        return self.last(torch.cat([age[:, None], image.flatten(1), self.bag(words)], dim=1))


def preprocess(
    tokenize: Callable[..., Any] = t.tokenize, mean: float = 0.0, default: float = 40.0, **resize: Any
) -> Callable[..., dict[str, Any]]:
    def compute(x: Any) -> dict[str, Any]:
        words = t.compute_and_apply_vocabulary(tokenize(x["text"]), num_oov_buckets=1)
        pixels = t.reshape(x["image"], (1, 6, 6))
        return {
            "age": t.scale_to_z_score(t.fill_missing(x["age"], default)) - mean,
            "image": t.resize(pixels, 3, 3, **resize) / 255,
            "words": words,
        }

    return compute


class Exported:
    """A model in training mode, exported."""

    def __init__(self, folder: Path) -> None:
        torch.manual_seed(0)
        self.rows, self.head = ROWS, Classifier(NAMES)
        self.transform = t.analyze(preprocess(), [ROWS])
        self.model = Network().train()
        self.path = export(folder / "model.onnx", transform=self.transform, model=self.model, head=self.head)

    def verify(self, **change: Any) -> Any:
        parts = {"transform": self.transform, "model": self.model, "head": self.head}
        return verify(self.path, [self.rows], **{**parts, **change})


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return Exported(tmp_path_factory.mktemp("faults"))


def test_without_a_fault_the_model_passes(exported: Exported) -> None:
    """The model is in training mode, with dropout and batch norm; it is compared in evaluation mode."""
    verdict = exported.verify()
    assert verdict.passed, verdict
    assert exported.model.training


OTHER_ROWS = ROWS.set_column(0, "age", pa.array(GENERATOR.normal(41, 9, 40)))
FEWER_WORDS = ROWS.set_column(1, "text", pa.array(["red green it's Blue naïve grey black"] * 40))


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        (preprocess(mean=0.01), ROWS),
        (preprocess(), OTHER_ROWS),
        (preprocess(lambda x: t.tokenize(x, lowercase=False)), ROWS),
        (preprocess(t.tokenize_whitespace), ROWS),
        (preprocess(nearest=True), ROWS),
        (preprocess(antialias=False), ROWS),
        (preprocess(), FEWER_WORDS),
        (preprocess(default=39.0), ROWS),
    ],
    ids=[
        "wrong mean",
        "statistics of other data",
        "other tokeniser: letter case",
        "other tokeniser: white space",
        "other resize: nearest",
        "other resize: antialias",
        "stale vocabulary",
        "other default",
    ],
)
def test_another_preprocessing(exported: Exported, change: Any, rows: pa.RecordBatch) -> None:
    verdict = exported.verify(transform=t.analyze(change, [rows]))
    assert not verdict.passed
    assert "transform" in verdict.other_parts
    assert verdict.differences, verdict
    shown = verdict.differences[0]
    assert set(shown.inputs) == {"age", "text", "image"}
    assert shown.expected != shown.found
    assert f"expected {shown.expected}, got {shown.found}" in repr(verdict)


def test_swapped_names(exported: Exported) -> None:
    verdict = exported.verify(head=Classifier(("Adelie", "Gentoo", "Chinstrap")))
    assert not verdict.passed
    assert verdict.other_parts == ["head"]
    assert {verdict.differences[0].expected, verdict.differences[0].found} == {"'Chinstrap'", "'Gentoo'"}


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (Regressor(), "expected one number per row, got 3"),
        (Classifier(), "output 'label': expected integers as in training, got strings"),
        (Classifier(("no", "yes")), "3 classes, but .* 2 class names"),
    ],
)
def test_wrong_head(exported: Exported, head: Any, message: str) -> None:
    with pytest.raises(HeadraceError, match=message):
        exported.verify(head=head)


def test_a_head_with_another_output(tmp_path: Path) -> None:
    rows = pa.record_batch({"x": np.arange(4.0)})
    transform = t.analyze(lambda x: {"x": t.reshape(x["x"], (1,))}, [rows])
    path = export(tmp_path / "m.onnx", transform=transform, model=nn.Linear(1, 1), head=Regressor("price"))
    with pytest.raises(UsageError, match="expected the outputs 'cost' as in training, got 'price'"):
        verify(path, [rows], transform=transform, model=nn.Linear(1, 1), head=Regressor("cost"))


def test_other_weights(exported: Exported) -> None:
    other = copy.deepcopy(exported.model)
    with torch.no_grad():
        other.last[3].bias[0] += 1e-3
    verdict = exported.verify(model=other)
    assert not verdict.passed
    assert "the file was exported from another set of weights" in verdict.problems


def test_other_weights_that_change_no_answer(exported: Exported) -> None:
    """A row of the embedding that no word has: found by the digest."""
    other = copy.deepcopy(exported.model)
    with torch.no_grad():
        other.bag.weight[11] += 1
    verdict = exported.verify(model=other)
    assert verdict.other_parts == ["weights"]
    assert not verdict.passed


class AlwaysDropout(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(nn.functional.dropout(x, 0.5))


class BatchStatistics(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm, self.last = nn.BatchNorm1d(2, track_running_stats=False), nn.Linear(2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.norm(x))


@pytest.mark.parametrize("network", [AlwaysDropout, BatchStatistics])
def test_train_mode_that_evaluation_does_not_switch_off(tmp_path: Path, network: type[nn.Module]) -> None:
    rows = pa.record_batch({"a": np.arange(20.0), "b": np.arange(20.0) ** 2})
    transform = t.analyze(lambda x: {"x": t.concatenate([x["a"], x["b"]])}, [rows])
    torch.manual_seed(0)
    model, head = network(), Regressor()
    try:
        path = export(tmp_path / "model.onnx", transform=transform, model=model, head=head)
        verdict = verify(path, [rows], transform=transform, model=model, head=head)
    except ModelError:
        return  # one row has no batch statistics
    assert not verdict.passed
    assert verdict.problems


def test_a_flipped_bit(exported: Exported, tmp_path: Path) -> None:
    data = exported.path.read_bytes()
    path = tmp_path / "model.onnx"
    for place in np.linspace(0, len(data) - 1, 60).astype(int):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1 << int(place) % 8]) + data[place + 1 :])
        with pytest.raises(ModelError):
            load(path)
    path.write_bytes(data[:-7])
    with pytest.raises(ModelError):
        load(path)
