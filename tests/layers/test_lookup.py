"""Lookups: every mode, vocabularies adapted and given, weights, and the way back."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest
import torch
from torch import nn

import headrace as hr
from headrace.datasets import load
from headrace.errors import TraceError, UsageError
from headrace.layers import IntegerLookup, PreprocessingStage, StringLookup, TextVectorization, idf_weights

OCEAN = ["<1H OCEAN", "INLAND", "NEAR OCEAN", "NEAR BAY", "ISLAND"]
ASKED = ["NEAR BAY", "DESERT", "INLAND", "INLAND"]


def test_a_static_table_puts_buckets_behind_the_vocabulary() -> None:
    t = hr.transform

    def preprocess(inputs):
        index = t.apply_vocabulary(inputs["place"], OCEAN, num_oov_buckets=2)
        return {"index": index, "vector": t.one_hot(index, 7)}

    batch = pa.record_batch({"place": ASKED})
    found = t.analyze(preprocess, [batch])(batch)
    index = found["index"].to_pylist()
    assert [index[0], *index[2:]] == [3, 1, 1]
    assert index[1] in (5, 6)
    assert np.argmax(found["vector"].to_pylist(), axis=1).tolist() == index
    assert np.shape(found["vector"].to_pylist()) == (4, 7)


def test_a_lookup_layer_puts_them_in_front() -> None:
    layer = StringLookup(vocabulary=OCEAN, num_oov_indices=2)
    index = layer(ASKED).tolist()
    assert [index[0], *index[2:]] == [5, 3, 3]
    assert index[1] in (0, 1)
    vectors = StringLookup(vocabulary=OCEAN, num_oov_indices=2, output_mode="one_hot")(ASKED)
    assert vectors.shape == (4, 7)
    assert vectors.argmax(axis=1).tolist() == index


def test_the_housing_sample_has_these_places() -> None:
    housing = load("housing", split="train").map(lambda batch: batch.select(["ocean_proximity"]))
    layer = StringLookup().adapt(housing)
    assert set(layer.get_vocabulary(include_special_tokens=False)) == set(OCEAN)


MORE = ["and", "basketball", "more"]


def test_counts_and_weights_of_more_and_more() -> None:
    words = [["more", "and", "more"]]
    counted = StringLookup(vocabulary=MORE, num_oov_indices=0, output_mode="count")
    assert counted(words).tolist() == [[1, 0, 2]]
    weights = idf_weights([200, 10, 100], idf="log_df")
    np.testing.assert_allclose(weights, [1 / np.log(200), 1 / np.log(10), 1 / np.log(100)])
    weighted = StringLookup(vocabulary=MORE, num_oov_indices=0, output_mode="tf_idf", idf_weights=weights)
    np.testing.assert_allclose(weighted(words), [[0.19, 0, 0.43]], atol=0.005)
    text = TextVectorization(vocabulary=MORE, output_mode="tf_idf", idf_weights=weights)
    np.testing.assert_allclose(text(["More and more!"]), [[0, 0.19, 0, 0.43]], atol=0.005)


def test_weights_are_adapted_by_each_formula() -> None:
    texts = ["and"] * 100 + ["and more"] * 90 + ["and more basketball"] * 10
    for idf, expected in {
        "keras": np.log(1 + 200 / (1 + np.array([200, 100, 10]))),
        "smooth": np.log(201 / (1 + np.array([200, 100, 10]))) + 1,
        "log_df": 1 / np.log([200, 100, 10]),
    }.items():
        layer = TextVectorization(output_mode="tf_idf", idf=idf).adapt(texts)
        assert layer.get_vocabulary() == ["[UNK]", "and", "more", "basketball"]
        np.testing.assert_allclose(layer(["more and more ball"])[0],
                                   [expected.mean(), expected[0], 2 * expected[1], 0], rtol=1e-6)  # fmt: skip
    assert idf_weights([0, 1, 2], idf="log_df").tolist() == [1 / np.log(2)] * 3
    with pytest.raises(UsageError, match="choose among keras, smooth, log_df"):
        idf_weights([1], 1, idf="other")
    with pytest.raises(UsageError, match="needs the number of documents"):
        idf_weights([1])


def test_the_way_back() -> None:
    words = StringLookup(num_oov_indices=2, mask_token="").adapt(["b", "a", "b"])
    back = StringLookup(num_oov_indices=2, mask_token="", vocabulary=words.get_vocabulary(), invert=True)
    assert back(words([["a", "b"], [""], []])) == [["a", "b"], [""], []]
    assert back([1, 2, 99, -1]) == ["[UNK]"] * 4
    adapted = StringLookup(invert=True).adapt(["b", "a", "b"])
    assert adapted(pa.array([1, 2])).to_pylist() == ["b", "a"]
    numbers = IntegerLookup(vocabulary=[2**62, -5], invert=True)
    assert numbers([[1, 2], [0, 3]]).tolist() == [[2**62, -5], [-1, -1]]
    with pytest.raises(UsageError, match="no vocabulary yet; adapt it first"):
        StringLookup(invert=True)([1])


def test_integers_in_a_torch_model() -> None:
    layer = IntegerLookup(mask_token=0, num_oov_indices=2).adapt(np.array([[7, 7], [9, 0]]))
    assert layer.get_vocabulary() == [0, -1, -1, 7, 9]
    model = nn.Sequential(layer, nn.Embedding(5, 3))
    x = torch.tensor([[7, 9], [0, -3]])
    assert layer(x).tolist() == [[3, 4], [0, 2]]
    assert torch.equal(torch.export.export(model, (x,)).module()(x), model(x))
    other = nn.Sequential(IntegerLookup(mask_token=0, num_oov_indices=2).adapt([1, 2]), nn.Embedding(5, 3))
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(x), model(x))
    assert other[0].get_vocabulary() == layer.get_vocabulary()


def test_integer_ties_go_by_number_and_lists_are_counted() -> None:
    assert IntegerLookup().adapt([[10, 9], [], [-1, 2, 2]]).get_vocabulary() == [-1, 2, 9, 10]
    assert IntegerLookup(vocabulary=[3], num_oov_indices=0)(np.array([3, 4], np.uint8)).tolist() == [0, -1]


def test_more_data_updates_a_vocabulary_and_weights() -> None:
    rows = [["a", "b"], ["b"], ["c", "c", "b"], ["a"]]
    whole = StringLookup(output_mode="tf_idf").adapt(rows)
    parts = StringLookup(output_mode="tf_idf").adapt(rows[:1]).adapt(rows[1:], reset_state=False)
    assert parts.get_vocabulary() == whole.get_vocabulary() == ["[UNK]", "b", "a", "c"]
    assert parts(rows).tolist() == whole(rows).tolist()


def test_a_vocabulary_from_a_file(tmp_path) -> None:
    (tmp_path / "words.txt").write_text("é\nb\n", encoding="utf-8")
    assert StringLookup(vocabulary=tmp_path / "words.txt")(["b", "é"]).tolist() == [2, 1]
    (tmp_path / "numbers.txt").write_text("30\n-4\n", encoding="utf-8")
    assert IntegerLookup(vocabulary=str(tmp_path / "numbers.txt"))([-4, 30]).tolist() == [2, 1]


def test_set_vocabulary_takes_the_place_of_an_adapted_one() -> None:
    layer = IntegerLookup().adapt([5, 6])
    layer.set_vocabulary([6])
    assert layer([5, 6]).tolist() == [0, 1]
    assert not list(layer.buffers())
    with pytest.raises(UsageError, match="was given its vocabulary"):
        layer.adapt([1])


def test_vectors_inside_a_transform() -> None:
    batch = pa.record_batch({"word": ["a", "b", "a"]})
    padded = StringLookup(max_tokens=4, pad_to_max_tokens=True, output_mode="multi_hot", name="padded")
    adapted = StringLookup(output_mode="tf_idf", name="adapted").adapt(batch["word"])

    def preprocess(inputs):
        return {"padded": padded(inputs["word"]), "weights": adapted(inputs["word"])}

    transform = hr.transform.analyze(preprocess, [batch])
    assert transform.vocabularies == {"padded": ["a", "b"], "adapted": ["a", "b"]}
    session = onnxruntime.InferenceSession(transform.to_onnx().SerializeToString())
    padded_found, weights = session.run(["padded", "weights"], {"word": np.array(["b", "é"], object)})
    assert padded_found.tolist() == [[0, 0, 1, 0], [1, 0, 0, 0]]
    assert weights.tolist() == adapted(["b", "é"]).tolist()
    fresh = StringLookup(output_mode="count", name="fresh")
    with pytest.raises(UsageError, match="the layer 'fresh' has no vocabulary yet; adapt it first"):
        hr.transform.analyze(lambda inputs: {"y": fresh(inputs["word"])}, [batch])


def test_text_goes_through_functions_of_columns() -> None:
    t = hr.transform
    layer = TextVectorization(
        standardize=lambda x: t.regex_replace(t.lower(x), "<br />", " "),
        split=lambda x: t.tokenize_regex(x, r"\w+"),
    ).adapt(["Good<br />film, good"])
    assert layer.get_vocabulary() == ["", "[UNK]", "good", "film"]
    assert layer(["FILM", "", "bad film"]) == [[3], [], [1, 3]]


def test_texts_that_are_split_already() -> None:
    layer = TextVectorization(split=None, output_sequence_length=2).adapt([["A.", "b"], ["a"]])
    assert layer.get_vocabulary() == ["", "[UNK]", "a", "b"]
    assert layer([["a", "B!", "c"], []]).tolist() == [[2, 3], [0, 0]]
    with pytest.raises(TraceError, match="one string a row"):
        TextVectorization(vocabulary=["a"])([["a"], ["b"]])


def test_a_stage_of_text() -> None:
    with pytest.raises(UsageError, match="'words' has no vocabulary yet; adapt it first"):
        PreprocessingStage([TextVectorization(output_mode="count", name="words")]).adapt(["a b"])
    text = TextVectorization(output_mode="count").adapt(["a b", "a"])
    stage = PreprocessingStage([text, hr.layers.Normalization()]).adapt(["a b", "a", "a a a b"])
    np.testing.assert_allclose(stage(["a b", "a a a b"])[:, 1], [-0.7071068, 1.4142135], rtol=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda: StringLookup(vocabulary=["a", "b"], max_tokens=2),
        lambda: StringLookup(vocabulary=["a", ""], mask_token=""),
        lambda: StringLookup(vocabulary=[1]),  # pyright: ignore[reportArgumentType]
        lambda: StringLookup(vocabulary=["a"], output_mode="tf_idf"),
        lambda: StringLookup(vocabulary=["a"], idf_weights=[1.0]),
        lambda: StringLookup(vocabulary=["a"], output_mode="tf_idf", idf_weights=[1.0, 2.0, 3.0]),
        lambda: StringLookup(idf_weights=[1.0], output_mode="tf_idf"),
        lambda: StringLookup(output_mode="tfidf"),
        lambda: StringLookup(invert=True, output_mode="count"),
        lambda: StringLookup(pad_to_max_tokens=True),
        lambda: StringLookup(num_oov_indices=-1),
        lambda: StringLookup(idf="log"),
        lambda: TextVectorization(standardize="upper"),
        lambda: TextVectorization(split="words"),
        lambda: TextVectorization(output_mode="one_hot"),
        lambda: TextVectorization(output_mode="count", output_sequence_length=3),
    ],
)
def test_arguments_that_do_not_go_together(make) -> None:
    with pytest.raises(UsageError):
        make()
