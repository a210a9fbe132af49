"""Tokenizers of other packages: refused in one line as functions of columns, mapped over batches."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import sentencepiece
import tokenizers
import torch
from tokenizers import models, pre_tokenizers, trainers
from torch import nn

import headrace as hr
from headrace.arguments import find_tokenizer
from headrace.errors import HeadraceError, SchemaError, TraceError, UsageError

TEXTS = [f"the {'good' if number % 2 else 'bad'} film number {number}" for number in range(100)]
WAY = "make the token ids its input column (docs/jobs/token-ids.md); or use hr.transform.tokenize_whitespace"


def train_bpe() -> tokenizers.Tokenizer:
    tokenizer = tokenizers.Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(vocab_size=100, special_tokens=["[UNK]"], show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    return tokenizer


def train_sentencepiece() -> sentencepiece.SentencePieceProcessor:
    file = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS), model_writer=file, vocab_size=30, minloglevel=2
    )
    return sentencepiece.SentencePieceProcessor(model_proto=file.getvalue())


@pytest.fixture(scope="module", params=["tokenizers.Tokenizer", "sentencepiece.SentencePieceProcessor"])
def named(request: pytest.FixtureRequest) -> tuple[str, Any]:
    train = train_bpe if request.param.startswith("tokenizers") else train_sentencepiece
    return request.param, train()


@pytest.fixture
def data() -> hr.Dataset:
    return hr.Dataset.from_arrays({"text": TEXTS, "label": np.arange(len(TEXTS)) % 2})


def test_a_tokenizer_and_its_methods_are_found_by_class(named: tuple[str, Any]) -> None:
    name, tokenizer = named
    for value in (tokenizer, tokenizer.encode, functools.partial(tokenizer.encode, "a")):
        assert find_tokenizer(value) == name
    for other in (type(tokenizer), "a".split, len, lambda: tokenizer, None, 5, np.zeros(2), nn.Linear(1, 1)):
        assert find_tokenizer(other) is None


def test_of_transformers_only_tokenizers_are_found() -> None:
    base = type("PreTrainedTokenizerBase", (), {"__module__": "transformers.tokenization_utils_base"})
    model = type("PreTrainedModel", (), {"__module__": "transformers.modeling_utils"})
    fast = type("BertTokenizerFast", (base,), {"__module__": "transformers.models.bert.tokenization"})
    assert find_tokenizer(fast()) == "transformers.BertTokenizerFast"
    assert find_tokenizer(model()) is None


@pytest.mark.parametrize("argument", ["split", "standardize"])
def test_text_vectorization_refuses_a_tokenizer(named: tuple[str, Any], argument: str) -> None:
    name, tokenizer = named
    for step in (tokenizer, tokenizer.encode):
        with pytest.raises(UsageError) as caught:
            hr.layers.TextVectorization(**{argument: step})
        assert str(caught.value).startswith(f"{argument}: {name} is Python code, which an ONNX file cannot")
        assert WAY in str(caught.value)


class Holder:
    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer

    def preprocess(self, inputs: Any) -> Any:
        return {"ids": hr.transform.row_length(self.tokenizer.encode(inputs["text"]))}


def list_calls(tokenizer: Any) -> list[Callable[[Any], Any]]:
    encode = tokenizer.encode

    def nested(column: Any) -> Any:
        return tokenizer.encode(
            column,
        )

    return [
        lambda inputs: {"ids": tokenizer.encode(inputs["text"])},
        lambda inputs: {"ids": encode(inputs["text"]).ids},
        lambda inputs: {"ids": nested(inputs["text"])},
        Holder(tokenizer).preprocess,
    ]


@pytest.mark.parametrize("number", range(4))
def test_a_call_in_a_preprocessing_function_is_refused_at_its_line(
    named: tuple[str, Any], data: hr.Dataset, number: int
) -> None:
    name, tokenizer = named
    with pytest.raises(TraceError) as caught:
        hr.transform.analyze(list_calls(tokenizer)[number], data)
    error = caught.value
    assert error.what.startswith(f"{name} was called with a column")
    assert WAY in str(error)
    assert error.path == __file__
    assert error.line is not None
    assert "encode" in Path(__file__).read_text().splitlines()[error.line - 1]


def test_a_column_is_not_a_batch_of_texts_to_a_tokenizer(data: hr.Dataset) -> None:
    tokenizer = train_bpe()
    with pytest.raises(TraceError, match=r"tokenizers\.Tokenizer was called with a column"):
        hr.transform.analyze(lambda inputs: {"ids": tokenizer.encode_batch(inputs["text"])}, data)


def test_a_layer_that_calls_a_tokenizer_is_refused(named: tuple[str, Any]) -> None:
    name, tokenizer = named
    layer = hr.layers.TextVectorization(split=lambda x: tokenizer.encode(x))
    with pytest.raises(TraceError, match=f"{name} was called with a column"):
        layer.adapt(TEXTS)


def test_other_errors_beside_a_tokenizer_keep_their_message(named: tuple[str, Any], data: hr.Dataset) -> None:
    t, (_, tokenizer) = hr.transform, named
    size = tokenizer.get_vocab_size() if hasattr(tokenizer, "get_vocab_size") else tokenizer.vocab_size()
    fine = hr.transform.analyze(lambda inputs: {"x": t.hash_strings(inputs["text"], size)}, data)
    assert list(fine.output_types) == ["x"]
    with pytest.raises(SchemaError, match="unknown column 'txt'"):
        hr.transform.analyze(lambda inputs: {"x": tokenizer.encode(inputs["txt"])}, data)
    with pytest.raises(HeadraceError, match=r"pattern: expected a string"):
        hr.transform.analyze(lambda inputs: {"x": t.tokenize_regex(inputs["text"], tokenizer)}, data)
    with pytest.raises(ValueError, match="invalid literal"):
        hr.transform.analyze(lambda _: {"x": (int("a"), tokenizer.encode("a"))}, data)


def test_a_tokenizer_is_not_a_preprocessing_function(named: tuple[str, Any], data: hr.Dataset) -> None:
    name, tokenizer = named
    with pytest.raises(UsageError, match=f"preprocess: {name} is Python code"):
        hr.transform.analyze(tokenizer.encode, data)


@pytest.mark.parametrize("method", ["map", "flat_map"])
def test_a_tokenizer_takes_texts_not_batches(named: tuple[str, Any], data: hr.Dataset, method: str) -> None:
    name, tokenizer = named
    for function in (tokenizer, tokenizer.encode):
        with pytest.raises(UsageError) as caught:
            getattr(data, method)(function)
        assert f"expected a function of a batch, got {name}, which takes texts" in str(caught.value)


def test_a_function_that_tokenizes_a_column_is_mapped_and_identified(
    named: tuple[str, Any], data: hr.Dataset
) -> None:
    name, tokenizer = named

    def encode(texts: list[str]) -> list[list[int]]:
        if name.startswith("sentencepiece"):
            return tokenizer.encode(texts)
        return [each.ids for each in tokenizer.encode_batch(texts)]

    def tokenize(batch: pa.RecordBatch) -> pa.RecordBatch:
        return pa.record_batch({"ids": pa.array(encode(batch["text"].to_pylist()), pa.list_(pa.int64()))})

    ids = [row for batch in data.map(tokenize) for row in batch["ids"].to_pylist()]
    assert [tokenizer.decode(row).replace(" ", "") for row in ids] == [
        each.replace(" ", "") for each in TEXTS
    ]
    identity = hr.data.user_function.function_identity(tokenize)
    assert identity.unknown == ()


def test_a_model_that_tokenizes_its_input_is_refused_at_export(
    named: tuple[str, Any], tmp_path: Path
) -> None:
    name, tokenizer = named

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokenizer = tokenizer
            self.linear = nn.Linear(1, 2)

        def forward(self, text: Any) -> torch.Tensor:
            return self.linear(torch.tensor([[float(len(tokenizer.encode(each)))] for each in text]))

    with pytest.raises(SchemaError) as caught:
        hr.deploy.export(tmp_path / "model.onnx", model=Model(), inputs={"text": "string"})
    assert f"feature 'text': the model tokenizes it by {name}, which is Python code" in str(caught.value)
    assert WAY in str(caught.value)
    assert not (tmp_path / "model.onnx").exists()
