"""TextVectorization."""

from __future__ import annotations

import numpy as np
import pytest

import headrace as hr
from headrace.errors import TraceError, UsageError
from headrace.layers import PreprocessingStage, TextVectorization


def test_standardize_and_split_by_functions() -> None:
    t = hr.transform
    layer = TextVectorization(
        standardize=lambda x: t.regex_replace(t.lower(x), "<br />", " "),
        split=lambda x: t.tokenize_regex(x, r"\w+"),
    ).adapt(["Good<br />film, good"])
    assert layer.get_vocabulary() == ["", "[UNK]", "good", "film"]
    assert layer(["FILM", "", "bad film"]) == [[3], [], [1, 3]]


def test_text_that_is_already_split() -> None:
    layer = TextVectorization(split=None, output_sequence_length=2).adapt([["A.", "b"], ["a"]])
    assert layer.get_vocabulary() == ["", "[UNK]", "a", "b"]
    assert layer([["a", "B!", "c"], []]).tolist() == [[2, 3], [0, 0]]
    with pytest.raises(TraceError, match="one string per row"):
        TextVectorization(vocabulary=["a"])([["a"], ["b"]])


def test_a_stage_of_text_layers() -> None:
    with pytest.raises(UsageError, match="'words' has no vocabulary yet; adapt it first"):
        PreprocessingStage([TextVectorization(output_mode="count", name="words")]).adapt(["a b"])
    text = TextVectorization(output_mode="count").adapt(["a b", "a"])
    stage = PreprocessingStage([text, hr.layers.Normalization()]).adapt(["a b", "a", "a a a b"])
    np.testing.assert_allclose(stage(["a b", "a a a b"])[:, 1], [-0.7071068, 1.4142135], rtol=1e-6)
