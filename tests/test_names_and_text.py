"""Names that are not strings, and strings with half of a surrogate pair, are one line at every entry.

Python puts such halves in place of bytes that are not UTF-8 (`os.fsdecode`, `errors="surrogateescape"`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

import headrace as hr
from headrace import transform as t
from headrace.data import Dataset
from headrace.errors import HeadraceError
from headrace.records import decode_example, encode_example, encode_sequence_example

HALF = "caf\udce9"
BATCH = pa.record_batch({"s": ["a", "b"], "x": [1.0, 2.0]})


def trace(function: Callable[[Any], Any]) -> Any:
    return t.plan(lambda x: {"y": function(x)}, BATCH.schema)


TEXTS: dict[str, Callable[[], Any]] = {
    "name of a feature": lambda: encode_example({HALF: 1}),
    "feature": lambda: encode_example({"a": HALF}),
    "feature of several": lambda: encode_example({"a": ["b", HALF]}),
    "name in a context": lambda: encode_sequence_example({HALF: 1}, {}),
    "name of a list": lambda: encode_sequence_example({}, {HALF: [1]}),
    "step of a list": lambda: encode_sequence_example({}, {"a": [HALF]}),
    "name of a column": lambda: Dataset.from_arrays({HALF: [1]}),
    "values of a column": lambda: Dataset.from_arrays({"a": [HALF]}),
    "key of a generator": lambda: Dataset.from_generator(lambda: iter([{HALF: 1}])).schema,
    "output": lambda: t.plan(lambda x: {HALF: x["x"]}, BATCH.schema),
    "vocabulary": lambda: trace(lambda x: t.apply_vocabulary(x["s"], ["a", HALF])),
    "comparison": lambda: trace(lambda x: x["s"] == HALF),
    "fill": lambda: trace(lambda x: t.hash_strings(t.fill_missing(x["s"], HALF), 3)),
    "members": lambda: trace(lambda x: t.isin(x["s"], [HALF])),
    "replacement": lambda: trace(lambda x: t.hash_strings(t.regex_replace(x["s"], "a", HALF), 3)),
    "separator": lambda: trace(lambda x: t.hash_strings(t.join_strings([x["s"], x["s"]], HALF), 3)),
    "layer": lambda: hr.layers.StringLookup(vocabulary=[HALF]),
}
NAMES: dict[str, Callable[[], Any]] = {
    "integer": lambda: encode_example({1: 2}),  # type: ignore[dict-item]
    "bytes": lambda: encode_example({b"a": 2}),  # type: ignore[dict-item]
    "none": lambda: encode_example({None: 2}),  # type: ignore[dict-item]
    "no mapping": lambda: encode_example([("a", 1)]),  # type: ignore[arg-type]
    "nothing": lambda: encode_example(None),  # type: ignore[arg-type]
    "context": lambda: encode_sequence_example({1: 2}, {}),  # type: ignore[dict-item]
    "lists": lambda: encode_sequence_example({}, {1: [2]}),  # type: ignore[dict-item]
    "generator": lambda: Dataset.from_generator(lambda: iter([{1: 2}])).schema,
    "arrays": lambda: Dataset.from_arrays({1: [2]}),  # type: ignore[dict-item]
    "outputs": lambda: t.plan(lambda x: {1: x["x"]}, BATCH.schema),  # type: ignore[dict-item,arg-type,return-value]
}


@pytest.mark.parametrize("enter", TEXTS.values(), ids=TEXTS)
def test_text_that_is_not_unicode_is_refused_in_one_line(enter: Callable[[], Any]) -> None:
    with pytest.raises(HeadraceError, match=r"surrogate") as caught:
        enter()
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("enter", NAMES.values(), ids=NAMES)
def test_names_that_are_not_strings_are_refused_in_one_line(enter: Callable[[], Any]) -> None:
    with pytest.raises(HeadraceError, match=r"string|expected a mapping") as caught:
        enter()
    assert "\n" not in str(caught.value)


def test_no_features_and_a_feature_without_a_name_are_written() -> None:
    assert decode_example(encode_example({})) == {}
    assert decode_example(encode_example({"": [1]}))[""].tolist() == [1]  # type: ignore[union-attr]


def test_a_folder_is_named_where_a_model_is_expected(tmp_path: Any) -> None:
    with pytest.raises(HeadraceError, match="expected a file, got a folder; name the model in it"):
        hr.deploy.load(tmp_path)
