"""A model says itself how it is fed; a damaged signature, or another version, is refused in one line."""

import json
import math

import pytest
from tests.damaged_json import damage

from headrace.errors import ModelError
from headrace.serving import Input, Output, Signature, load

SIGNATURE = Signature(
    inputs=(
        Input(
            "age", "float64", (), ("age",), optional=True, minimum=0, maximum=99.5, unit="years", example=7.5
        ),
        Input("words", "string", (None,), ("words.values", "words.row_splits"), example=["a", "b"]),
        Input("place", "string", (), ("place",), vocabulary=("inland", "bay"), vocabulary_size=2),
        Input("photo", "uint8", (None, None, 3), ("photo",), encoding="image"),
    ),
    outputs=(Output("label", "string", (), "class", ("no", "yes"), 0.5), Output("value", "float32")),
    head="Classifier",
    versions={"headrace": "0.1.0"},
    data_fingerprint="1f",
    digests={"weights": "2e"},
)


def test_a_signature_is_read_as_it_was_written() -> None:
    assert Signature.from_json(SIGNATURE.to_json()) == SIGNATURE


def test_what_has_no_json_is_null_and_what_is_long_is_cut() -> None:
    words = tuple(f"word {number}" for number in range(5000))
    column = Input("x", "float64", (), ("x",), minimum=-math.inf, maximum=math.nan, vocabulary=words)
    text = Signature((column, Input("y", "string", (), ("y",), example="x" * 100_000)), ()).to_json()
    first, second = Signature.from_json(text).inputs
    assert (first.minimum, first.maximum) == (None, None)
    assert (first.vocabulary, first.vocabulary_size) == (words[:1000], 5000)
    assert second.example is None
    long = Signature((Input("x", "string", (), ("x",), vocabulary=("ä" * 30_000,) * 10),), ())
    assert len(Signature.from_json(long.to_json()).inputs[0].vocabulary or ()) == 1


@pytest.mark.parametrize(
    "text", ["", "[", "[]", "null", "1", "[" * 100_000, '{"version": 1}', "{}", "9" * 5000]
)
def test_a_text_that_is_not_a_signature_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="the signature is damaged") as caught:
        Signature.from_json(text, "model.onnx")
    assert caught.value.path == "model.onnx"
    assert "\n" not in str(caught.value)


def test_another_version_is_refused_before_its_fields_are_read() -> None:
    with pytest.raises(ModelError, match=r"has version 7, expected 1; use the version of Headrace"):
        Signature.from_json(json.dumps({"version": 7, "columns": {}}))


def test_every_damaged_field_is_read_or_refused() -> None:
    refused = 0
    for _, changed in damage(json.loads(SIGNATURE.to_json())):
        try:
            assert isinstance(Signature.from_json(json.dumps(changed)), Signature)
        except ModelError:
            refused += 1
    assert refused > 500


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ((Input("x", "int64", (), ("x",)), Input("x", "int64", (), ("y",))), "two columns are named 'x'"),
        ((Input("x", "int64", (), ("x",)), Input("y", "int64", (), ("x",))), "two tensors are named 'x'"),
        ((Input("x", "int64", (-1,), ("x",)),), r"the shape is \[-1\]"),
        ((Input("x", "int64", (1,) * 9, ("x",)),), "the shape is"),
        ((Input("x", "int64"),), "expected one or two tensors, got 0"),
        (tuple(Input(f"x{n}", "int64", (), (f"x{n}",)) for n in range(10_001)), "10,001 inputs"),
    ],
)
def test_names_and_sizes_are_checked(inputs: tuple, message: str) -> None:
    text = Signature(inputs, ()).to_json()
    with pytest.raises(ModelError, match=message):
        Signature.from_json(text)


def test_a_text_beyond_its_bounds_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(ModelError, match="larger than 8 MiB"):
        Signature.from_json(" " * (9 << 20))


def test_a_file_without_a_signature_has_none(offers) -> None:
    assert load(offers.path).signature is None
