"""Values of Keras's layers (tools/make_golden_layers.py), and each deliberate difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from headrace.errors import TraceError

GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "layers.json").read_text(encoding="utf-8"))


def difference(case: dict[str, Any]) -> str | None:
    """Name the deliberate difference from Keras, documented by the layer, that a case shows."""
    arguments, kind = case["arguments"], case["layer"]
    if kind in ("Hashing", "HashedCrossing") and arguments["num_bins"] > 1:
        return "hash"
    if kind == "StringLookup" and arguments.get("num_oov_indices", 1) > 1:
        return "hash"
    if case["expected"] is None:
        return "no out-of-vocabulary index"
    if kind == "StringLookup" and "" in case.get("adapt", []):
        return "missing strings"
    if kind == "StringLookup" and arguments.get("output_mode") == "one_hot" and np.ndim(case["given"]) > 1:
        return "one-hot lists"
    if kind == "CategoryEncoding" and np.ndim(case["expected"]) == 1:
        return "rows"
    modes = {"output_mode", "output_sequence_length"}
    if kind == "TextVectorization" and not modes & set(arguments) and np.ndim(case["expected"]) == 2:
        return "lists"
    if "vocabulary" in case and build_layer(case).get_vocabulary() != case["vocabulary"]:
        return "ties"
    return None


def to_input(value: Any) -> Any:
    if value == "images":
        return np.array(GOLDEN["images"], np.float32)
    return value


def build_layer(case: dict[str, Any]) -> Any:
    arguments = {name: tuple(v) if name in ("axis", "ngrams") and isinstance(v, list) else v
                 for name, v in case["arguments"].items()}  # fmt: skip
    layer = getattr(hr.layers, case["layer"])(**arguments)
    return layer.adapt(to_input(case["adapt"])) if "adapt" in case else layer


def run_layer(case: dict[str, Any]) -> Any:
    given = tuple(case["given"]) if case["layer"] == "HashedCrossing" else to_input(case["given"])
    return build_layer(case)(given, **case.get("call", {}))


def cases(name: str | None) -> Any:
    chosen = [case for case in GOLDEN["cases"] if difference(case) == name]
    assert chosen
    names = [f"{case['layer']}-{case['arguments']}"[:90] for case in chosen]
    return pytest.mark.parametrize("case", chosen, ids=names)


def check_equal(found: Any, expected: Any) -> None:
    if isinstance(found, list) and found and isinstance(found[0], str):
        assert found == expected
        return
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, np.asarray(expected, np.float64), rtol=2e-6, atol=2e-6)


@cases(None)
def test_values_equal_keras_s(case: dict[str, Any]) -> None:
    check_equal(run_layer(case), case["expected"])
    if "vocabulary" in case:
        assert build_layer(case).get_vocabulary() == case["vocabulary"]


def test_every_layer_is_compared() -> None:
    same = {case["layer"] for case in GOLDEN["cases"] if difference(case) is None}
    others = {"PreprocessingLayer", "PreprocessingStage", "idf_weights"}
    assert same == set(hr.layers.__all__) - others


@cases("hash")
def test_hash_functions_differ_but_masks_and_known_tokens_agree(case: dict[str, Any]) -> None:
    found, expected = run_layer(case).tolist(), case["expected"]
    assert found != expected
    arguments = case["arguments"]
    low = 1 if "mask_value" in arguments else 0
    high = arguments.get("num_bins", arguments.get("num_oov_indices"))
    for token, index, theirs in zip(zip(*case["given"], strict=True) if case["layer"] == "HashedCrossing"
                                    else case["given"], found, expected, strict=True):  # fmt: skip
        if token in arguments.get("vocabulary", []) or token == arguments.get("mask_value", object()):
            assert index == theirs
        else:
            assert low <= index < high


@cases("no out-of-vocabulary index")
def test_unknown_tokens_without_an_index_are_minus_one_where_keras_fails(case: dict[str, Any]) -> None:
    known = case["arguments"]["vocabulary"]
    assert run_layer(case).tolist() == [known.index(each) if each in known else -1 for each in case["given"]]


@cases("missing strings")
def test_missing_strings_are_not_part_of_a_vocabulary(case: dict[str, Any]) -> None:
    assert "" in case["vocabulary"]
    assert build_layer(case).get_vocabulary() == [word for word in case["vocabulary"] if word != ""]


@cases("rows")
def test_the_first_dimension_is_always_rows(case: dict[str, Any]) -> None:
    found = run_layer(case)
    assert found.shape == (len(case["given"]), case["arguments"]["num_tokens"])
    assert found.max(axis=0).tolist() == case["expected"]


@cases("lists")
def test_without_a_length_rows_are_lists(case: dict[str, Any]) -> None:
    padded = [[*row, *[0] * (len(case["expected"][0]) - len(row))] for row in run_layer(case)]
    assert padded == case["expected"]


@cases("one-hot lists")
def test_lists_of_strings_are_not_one_hot(case: dict[str, Any]) -> None:
    with pytest.raises(TraceError, match="use count_vector for lists"):
        run_layer(case)


@cases("ties")
def test_ties_are_ordered_by_increasing_value(case: dict[str, Any]) -> None:
    vocabulary = build_layer(case).get_vocabulary()
    assert sorted(map(str, vocabulary)) == sorted(map(str, case["vocabulary"]))
    found = np.asarray(run_layer(case))
    if np.ndim(found) == np.ndim(case["given"]) and "output_mode" not in case["arguments"]:
        places = [vocabulary.index(word) for word in case["vocabulary"]]
        check_equal(found, [places[index] for index in case["expected"]])
    else:
        check_equal(found, np.array(case["expected"])[:, [case["vocabulary"].index(w) for w in vocabulary]])
