from pathlib import Path

import numpy as np
import pytest
import torch

import headrace as hr
from headrace.columns import Ragged
from headrace.errors import ModelError, UsageError
from headrace.nn import TextNetwork

t = hr.transform
TEXTS = ["a good good film", "a bad film", "", "not good", "good", "bad bad bad film by a bad man"]


def ragged(*rows: list[int]) -> Ragged:
    values = torch.tensor([term for row in rows for term in row], dtype=torch.int64)
    return Ragged(values, torch.tensor(np.cumsum([0, *map(len, rows)])))


def preprocess(x: dict[str, t.Column]) -> dict[str, t.Column]:
    tokens = t.tokenize(x["text"])
    words = t.compute_and_apply_vocabulary(tokens, num_oov_buckets=1, vocab_filename="words")
    pairs = t.hash_strings(t.ngrams(tokens, (2, 2)), 64)
    return {"words": t.deduplicate_per_row(words), "pairs": t.deduplicate_per_row(pairs)}


def test_terms_are_weighted_by_rank_and_the_length_counts_little() -> None:
    network = TextNetwork({"words": 300}, outputs=1, ranked=["words"])
    with torch.no_grad():
        network.weights[0].fill_(1.0)
    factors = 1 + np.log1p(np.arange(1, 301) / 3)
    for row in ([0], [7, 299], [0, 1, 2, 150]):
        expected = 2 * factors[row].sum() / np.sqrt((factors[row] ** 2).sum())
        assert network(ragged(row)).item() == pytest.approx(expected, rel=1e-5)


def test_a_row_without_terms_has_the_bias() -> None:
    network = TextNetwork({"words": 10}, outputs=2)
    with torch.no_grad():
        network.weights[0].fill_(1.0)
        network.bias.copy_(torch.tensor([3.0, 4.0]))
    assert network(ragged([], [1], []))[[0, 2]].tolist() == [[3.0, 4.0]] * 2


def test_words_and_hashed_pairs_are_trained_and_exported_without_skew(tmp_path: Path) -> None:
    label = [1, 0, 0, 0, 1, 0]
    data = hr.Dataset.from_arrays({"text": TEXTS * 8, "label": label * 8})
    transform = t.analyze(lambda x: {**preprocess(x), "label": x["label"]}, data)
    words = len(transform.vocabularies["words"]) + 1
    network = TextNetwork({"words": words, "pairs": 64}, outputs=2, ranked=["words"])
    rows = data.map(transform)
    fitted = hr.training.fit(
        network, rows.shuffle(seed=0), rows, label="label", out_dir=tmp_path / "fit",
        epochs=20, batch_size=8, learning_rate=0.05, progress=False,
    )  # fmt: skip
    assert fitted.best["validation_accuracy"] == 1.0
    served = transform.without("label")
    path = hr.deploy.export(tmp_path / "model.onnx", transform=served, model=network)
    assert hr.deploy.verify(path, data, transform=served, model=network).passed


def test_features_go_by_name() -> None:
    network = TextNetwork({"words": 10, "pairs": 4}, outputs=2)
    with pytest.raises(ModelError, match="the network has the features words, pairs, got words"):
        network(words=ragged([1]))


def test_sizes_and_ranked_features_are_checked() -> None:
    with pytest.raises(UsageError, match="terms: expected a mapping"):
        TextNetwork({}, outputs=2)
    with pytest.raises(UsageError, match="ranked: 'word' is not a feature"):
        TextNetwork({"words": 10}, outputs=2, ranked=["word"])
    with pytest.raises(UsageError, match="pairs"):
        TextNetwork({"pairs": 0}, outputs=2)
