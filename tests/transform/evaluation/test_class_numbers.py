"""What the numbers of an output stand for: found by looking up the words that the graph compares with."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headrace as hr
from headrace.transform import Column
from headrace.transform.evaluation import ClassNumbers, find_class_numbers

t = hr.transform
BATCH = pa.record_batch({
    "species": ["Gentoo", "Adelie", "Adelie", "Chinstrap", "Gentoo", "Adelie"],
    "size": [30, 10, 20, 10, 10, 20],
    "is_large": [True, False] * 3,
})  # fmt: skip
BY_COUNT = ("Adelie", "Gentoo", "Chinstrap")


def find(label: Callable[[Column, Column], Column]) -> ClassNumbers | None:
    def preprocess(x):
        return {"label": label(x["species"], x["size"])}

    return find_class_numbers(t.analyze(preprocess, [BATCH]).graph.outputs["label"])


def layer(**arguments) -> hr.layers.StringLookup:
    return hr.layers.StringLookup(vocabulary=["Adelie", "Gentoo"], **arguments)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        (lambda s, _: t.compute_and_apply_vocabulary(s), BY_COUNT),
        (lambda s, _: t.cast(t.compute_and_apply_vocabulary(s), "int32"), BY_COUNT),
        (lambda s, _: t.compute_and_apply_vocabulary(s, num_oov_buckets=1), (*BY_COUNT, None)),
        (lambda s, _: t.compute_and_apply_vocabulary(s, top_k=1, num_oov_buckets=3), ("Adelie", *[None] * 3)),
        (lambda s, _: t.compute_and_apply_vocabulary(t.lower(s)), ("adelie", "gentoo", "chinstrap")),
        (lambda s, _: t.compute_and_apply_vocabulary(s) + 1, (None, *BY_COUNT)),
        (lambda s, _: 2 - t.apply_vocabulary(s, BY_COUNT), ("Chinstrap", "Gentoo", "Adelie", None)),
        (lambda s, _: t.apply_vocabulary(s, ["b", "a"], default_value=2), ("b", "a", None)),
        (lambda s, _: s == "Adelie", (None, "Adelie")),
        (lambda s, _: s != "Adelie", ("Adelie", None)),
        (lambda s, _: t.cast(s == "Adelie", "int64"), (None, "Adelie")),
        (lambda s, _: t.isin(s, ["Adelie", "Gentoo"]), (None, None)),
        (lambda s, _: t.where(s == "b", 0, t.where(s == "a", 1, 2)), ("b", "a", None)),
        (lambda s, _: layer()(s), (None, "Adelie", "Gentoo")),
        (lambda s, _: layer(num_oov_indices=2, mask_token="?")(s), ("?", None, None, "Adelie", "Gentoo")),
        (lambda _, n: t.index_of(n, [30, 10, 20]), ("30", "10", "20")),
    ],
)
def test_words_in_the_order_of_the_numbers(label, words) -> None:
    found = find(label)
    assert found is not None
    assert found.words == words


@pytest.mark.parametrize(
    "label",
    [
        lambda s, n: t.compute_and_apply_vocabulary(s) + n,
        lambda s, _: t.cast(t.compute_and_apply_vocabulary(s), "float32"),
        lambda s, _: t.one_hot(t.compute_and_apply_vocabulary(s), 3),
        lambda s, _: (s == "Adelie") | (t.lower(s) == "gentoo"),
        lambda s, _: t.hash_strings(s, 10),
        lambda _, n: n,
        lambda _, n: n > 15,
        lambda s, _: s,
    ],
)
def test_numbers_without_words(label) -> None:
    assert find(label) is None


def test_lists_of_numbers_have_words() -> None:
    """The label of several labels at once is such a list."""
    found = find(lambda s, _: t.compute_and_apply_vocabulary(t.tokenize(s)))
    assert found is not None
    assert found.words == ("adelie", "gentoo", "chinstrap")


def test_the_name_of_the_vocabulary() -> None:
    for name in (None, "species"):
        found = find(lambda s, _, name=name: t.compute_and_apply_vocabulary(s, vocab_filename=name))
        assert found is not None
        assert found.vocabulary == "species"
    found = find(lambda s, _: t.apply_vocabulary(s, BY_COUNT))
    assert found == ClassNumbers(BY_COUNT)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=4), min_size=1, max_size=8, unique=True), st.integers(0, 3))
def test_each_word_is_at_its_number(words: list[str], offset: int) -> None:
    transform = t.analyze(lambda x: {"y": t.apply_vocabulary(x["species"], words) + offset}, [BATCH])
    found = find_class_numbers(transform.graph.outputs["y"])
    assert found is not None
    for word in words:
        number = transform(pa.record_batch({"species": [word]}))["y"][0].as_py()
        assert found.words[number] == word
    assert len(found.words) == len(words) + offset


def test_what_without_removes_is_remembered(tmp_path) -> None:
    def preprocess(x):
        label = t.compute_and_apply_vocabulary(x["species"], vocab_filename="penguins")
        return {"x": x["size"] / 2, "label": label, "price": t.cast(x["size"], "float32")}

    whole = t.analyze(preprocess, [BATCH])
    serving = whole.without("label").select(["x"])
    serving.save(tmp_path / "transform")
    for each in (serving, hr.Transform.load(tmp_path / "transform"), copy(serving)):
        assert list(each.output_types) == ["x"]
        assert {name: str(type_) for name, type_ in each.removed_types.items()} == {
            "label": "int64",
            "price": "float32",
        }
        assert (
            each.class_numbers("label") == whole.class_numbers("label") == ClassNumbers(BY_COUNT, "penguins")
        )
        assert each.class_numbers("price") is None
        assert each.fingerprint == whole.select(["x"]).fingerprint
    assert whole.removed_types == {}


def copy(transform: hr.Transform) -> hr.Transform:
    function, arguments = transform.__reduce__()
    return function(*arguments)


def test_damaged_removed_outputs_are_refused(tmp_path) -> None:
    transform = t.analyze(lambda x: {"x": x["size"] / 2, "y": x["species"] == "Adelie"}, [BATCH])
    transform.without("y").save(tmp_path)
    (tmp_path / "manifest.json").unlink()
    graph = (tmp_path / "graph.json").read_text()
    for before, after in (('"words": [', '"words": 3, "w": ['), ('"removed": {', '"removed": 3, "r": {')):
        assert before in graph
        (tmp_path / "graph.json").write_text(graph.replace(before, after))
        with pytest.raises(hr.ModelError, match="corrupt transform, in its removed outputs"):
            hr.Transform.load(tmp_path)


def test_a_large_vocabulary_is_not_searched() -> None:
    words = pa.record_batch({"species": np.arange(100_001).astype(str)})
    transform = t.analyze(lambda x: {"y": t.compute_and_apply_vocabulary(x["species"])}, [words])
    assert transform.class_numbers("y") is None
