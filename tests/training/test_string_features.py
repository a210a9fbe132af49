"""Columns of strings reach a model that begins with layers for strings."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.columns import Ragged, Strings
from headrace.errors import ModelError, SchemaError
from headrace.layers import StringLookup, TextVectorization
from headrace.nn import BagOfEmbeddings

TEXTS = ["a fine film", "a dull film", "fine, fine!", "dull", "so fine", "dull and so dull", "", "Fine"]
OPINIONS = ["pos", "neg", "pos", "neg", "pos", "neg", "neg", "pos"]


def make_data(texts: Any = None) -> hr.Dataset:
    table = pa.table({"text": texts if texts is not None else pa.array(TEXTS * 4), "opinion": OPINIONS * 4})
    return hr.Dataset.from_arrow(table)


def build(data: hr.Dataset) -> nn.Sequential:
    torch.manual_seed(0)
    vectorize = TextVectorization(max_tokens=20).adapt(data.select("text"))
    return nn.Sequential(vectorize, BagOfEmbeddings(20, 4), nn.Linear(4, 2))


def train(model: nn.Module, data: hr.Dataset, folder: Path, **options: Any) -> hr.training.FitResult:
    chosen = {"epochs": 12, "learning_rate": 0.1, "batch_size": 5, "progress": False, **options}
    return hr.training.fit(model, data.shuffle(0), data, label="opinion", out_dir=folder, **chosen)


@pytest.mark.parametrize("as_type", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_a_model_of_texts_is_trained_exported_and_verified(tmp_path: Path, as_type: pa.DataType) -> None:
    data = make_data(pa.array(TEXTS * 4).cast(as_type))
    model = build(data)
    result = train(model, data, tmp_path / "run")
    assert result.best["validation_accuracy"] == 1
    assert hr.training.evaluate(model, data, label="opinion", head=result.head)["accuracy"] == 1
    hr.deploy.export(tmp_path / "model.onnx", model=model, inputs=data.schema, head=result.head)
    verdict = hr.deploy.verify(tmp_path / "model.onnx", data, model=model, head=result.head)
    assert verdict.passed
    answers = hr.deploy.load(tmp_path / "model.onnx").predict({"text": ["FINE.", "how dull"]})
    assert answers["label"].to_pylist() == ["pos", "neg"]


def test_a_training_resumed_between_batches_ends_with_the_same_weights(tmp_path: Path) -> None:
    data = make_data()
    whole, halves = build(data), build(data)
    train(whole, data, tmp_path / "whole", epochs=4, schedule="constant")
    train(halves, data, tmp_path / "halves", epochs=2, schedule="constant")
    train(halves, data, tmp_path / "halves", epochs=4, schedule="constant")
    for one, other in zip(whole.parameters(), halves.parameters(), strict=True):
        assert torch.equal(one, other)


class Both(nn.Module):
    """A model of a text and a list of words."""

    def __init__(self) -> None:
        super().__init__()
        self.text = TextVectorization(max_tokens=20).adapt(TEXTS)
        self.words = StringLookup(vocabulary=["fine", "dull"])
        self.bags = nn.ModuleList([BagOfEmbeddings(20, 3), BagOfEmbeddings(3, 3)])
        self.last = nn.Linear(6, 2)

    def forward(self, text: Strings, words: Ragged) -> Tensor:
        """Compute logits."""
        bags = [self.bags[0](self.text(text)), self.bags[1](self.words(words))]
        return self.last(torch.cat(bags, dim=1))


def test_lists_of_strings_and_a_single_last_row(tmp_path: Path) -> None:
    lists = [text.lower().replace(",", " ").replace("!", " ").split() for text in TEXTS]
    data = hr.Dataset.from_arrays({"text": TEXTS, "words": lists, "opinion": OPINIONS})
    result = train(Both(), data, tmp_path, batch_size=7, epochs=2)  # the eighth row joins the first seven
    assert result.history[1]["train_loss"] < result.history[0]["train_loss"]


def test_a_model_without_a_layer_for_strings_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"text string\[8\].*begin the model with a layer for strings"):
        train(nn.Linear(3, 2), make_data(), tmp_path)


def test_strings_as_weights_are_refused(tmp_path: Path) -> None:
    data = make_data().map(StringLookup(vocabulary=["fine"]).on("text", to="words"))
    with pytest.raises(SchemaError, match="sample_weight: expected one number per row"):
        hr.training.fit(
            Both(), data, data, label="opinion", sample_weight="text", out_dir=tmp_path, progress=False
        )
