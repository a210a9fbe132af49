from pathlib import Path

import numpy as np
import pytest
import torch

import headrace as hr
from headrace.columns import Ragged
from headrace.errors import ModelError, SchemaError, UsageError
from headrace.nn import TextNetwork

t = hr.transform
TEXTS = ["a good good film", "a bad film", "", "not goodness", "good", "bad bad bad film by a bad man"]


def ragged(*rows: list[int]) -> Ragged:
    values = torch.tensor([term for row in rows for term in row], dtype=torch.int64)
    return Ragged(values, torch.tensor(np.cumsum([0, *map(len, rows)])))


def preprocess(x: dict[str, t.Column]) -> dict[str, t.Column]:
    tokens = t.tokenize(x["text"])
    words = t.compute_and_apply_vocabulary(tokens, num_oov_buckets=1, vocab_filename="words")
    starts = t.compute_and_apply_vocabulary(
        t.substring(tokens, 0, 4), num_oov_buckets=1, vocab_filename="starts"
    )
    pairs = t.hash_strings(t.ngrams(tokens, (2, 2)), 64)
    terms = {"words": words, "starts": starts, "pairs": pairs}
    return {name: t.deduplicate_per_row(numbers) for name, numbers in terms.items()}


def test_terms_are_weighted_by_rank_and_the_length_counts_little() -> None:
    network = TextNetwork({"words": 300}, outputs=1, ranked=["words"])
    with torch.no_grad():
        network.weights[0].fill_(1.0)
    factors = np.sqrt(1 + np.log1p(np.arange(1, 301) / 3))
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
    network = TextNetwork.from_transform(transform, label="label", outputs=2, buckets={"pairs": 64})
    rows = data.map(transform)
    fitted = hr.training.fit(
        network, rows.shuffle(seed=0), rows, label="label", out_dir=tmp_path / "fit",
        epochs=20, batch_size=8, learning_rate=0.05, progress=False,
    )  # fmt: skip
    assert fitted.best["validation_accuracy"] == 1.0
    served = transform.without("label")
    path = hr.deploy.export(tmp_path / "model.onnx", transform=served, model=network)
    assert hr.deploy.verify(path, data, transform=served, model=network).passed


def test_sizes_come_from_the_transform() -> None:
    data = hr.Dataset.from_arrays({"text": TEXTS, "label": ["+", "-", "-", "-", "+", "-"]})
    transform = t.analyze(
        lambda x: {**preprocess(x), "label": t.apply_vocabulary(x["label"], ["-", "+"])}, data
    )
    network = TextNetwork.from_transform(transform, label="label", buckets={"pairs": 64})
    counts = {name: len(words) + 1 for name, words in transform.vocabularies.items()}
    assert network.terms == {**counts, "pairs": 64}
    assert network.terms["starts"] < network.terms["words"], "'good' and 'goodness' start alike"
    assert network.outputs == 2
    words, pairs = network.get_buffer("factors_0"), network.get_buffer("factors_2")
    assert words.diff(dim=0).min() > 0, "the words of a vocabulary are ranked"
    assert pairs.unique().tolist() == [words.max().item()], "hashed terms are as rare as the last word"


def test_texts_without_any_word_have_one_term() -> None:
    data = hr.Dataset.from_arrays({"text": ["...", "?!"], "label": [0.5, 1.5]})
    transform = t.analyze(lambda x: {**preprocess(x), "label": t.cast(x["label"], "float32")}, data)
    network = TextNetwork.from_transform(transform, label="label", buckets={"pairs": 64})
    assert (network.terms, network.outputs) == ({"words": 1, "starts": 1, "pairs": 64}, 1)


def test_outputs_that_are_not_terms_of_known_number_are_refused() -> None:
    data = hr.Dataset.from_arrays({"text": TEXTS, "label": [1.0, 0, 0, 0, 1, 0], "age": [1.0] * 6})
    transform = t.analyze(lambda x: {**preprocess(x), "label": t.cast(x["label"], "float32")}, data)
    with pytest.raises(SchemaError, match="pairs") as failed:
        TextNetwork.from_transform(transform, label="label")
    assert "pass buckets={'pairs': count}" in str(failed.value)
    with pytest.raises(SchemaError, match="the hashed terms are not an output of the transform"):
        TextNetwork.from_transform(transform, label="label", buckets={"pair": 64})
    aged = t.analyze(lambda x: {**preprocess(x), "age": x["age"], "label": x["label"]}, data)
    with pytest.raises(SchemaError, match="expected lists of term numbers, got float64") as failed:
        TextNetwork.from_transform(aged, label="label", buckets={"pairs": 64})
    assert "transform.without('age')" in str(failed.value)


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
