"""Every draw contains the special values that each op must be tested on."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.columns import ColumnType, Ragged
from headrace.transform.graph.op import Op

from .cases import FLOATS, INTEGERS, Case
from .inputs import Draw, drawn


def batches(type_: ColumnType, **options: Any) -> list[Any]:
    case = Case(Op.registry["row_length"](), (type_,))
    return [values for (values,) in Draw(0, [], **options).batches(case)]


def many(type_: ColumnType) -> Any:
    return batches(type_)[0]


def texts() -> list[str]:
    return many(ColumnType("string")).to_pylist()


def test_strings_contain_every_plane() -> None:
    assert {ord(character) >> 16 for text in texts() for character in text} == set(range(17))


def test_strings_contain_composed_and_decomposed_characters() -> None:
    every = texts()
    marks = [[unicodedata.combining(each) > 0 for each in text] for text in every]
    assert any(mark and mark[0] for mark in marks), "a mark at the start"
    assert any(sum(mark) > 20 for mark in marks), "many marks on one letter"
    assert any(unicodedata.normalize("NFC", text) != text for text in every)
    assert any(unicodedata.normalize("NFD", text) != text for text in every)


@pytest.mark.parametrize("characters", ["İ", "ı", "i\u0307", "ẞ", "ς", "Σ", "ΐ", "ﬁ", "ǅ", "K", "\ufeff"])
def test_strings_contain_characters_with_special_case_rules(characters: str) -> None:
    assert any(characters in text for text in texts())


def test_strings_with_a_null_character_are_in_a_separate_batch() -> None:
    *others, nulls = batches(ColumnType("string"))
    assert all("\0" in text for text in nulls.to_pylist())
    assert not any("\0" in text for each in others for text in each.to_pylist())


def test_strings_are_empty_to_very_long() -> None:
    lengths = [len(text) for text in texts()]
    assert min(lengths) == 0
    assert max(lengths) >= 50_000


@pytest.mark.parametrize("dtype", FLOATS)
def test_floats_contain_every_kind(dtype: str) -> None:
    values, info = many(ColumnType(dtype)), np.finfo(dtype)
    assert np.isnan(values).any()
    assert {np.inf, -np.inf, float(info.max), float(info.smallest_subnormal)} <= set(values.tolist())
    assert np.any((values == 0) & np.signbit(values))
    assert np.any((values == 0) & ~np.signbit(values))


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_contain_their_limits(dtype: str) -> None:
    values, info = many(ColumnType(dtype)), np.iinfo(dtype)
    assert {info.min, info.max, 0, 1} <= set(values.tolist())


@pytest.mark.parametrize("dtype", ["string", "int64", "float32", "bool"])
def test_lists_have_several_lengths(dtype: str) -> None:
    whole, single, none, empty, *_ = batches(ColumnType(dtype, ragged=True))
    assert {0, 1, 2, 7} == set(np.diff(whole.row_splits))
    assert [whole.row_splits[1], *whole.row_splits[-2:]] == [0, len(whole.values), len(whole.values)]
    assert single.row_splits.tolist() == [0, 7]
    assert none.row_splits.tolist() == [0]
    assert empty.row_splits.tolist() == [0, 0, 0, 0]
    assert len(empty.values) == len(none.values) == 0


@pytest.mark.parametrize("type_", [ColumnType("string"), ColumnType("float64"), ColumnType("uint8", (2, 3))])
def test_batches_have_many_rows_one_row_and_none(type_: ColumnType) -> None:
    assert [min(len(each), 4) for each in batches(type_)[:4]] == [4, 1, 0, 3]


def test_every_pair_of_special_numbers_occurs() -> None:
    case = Case(Op.registry["add"](), (ColumnType("int8"), ColumnType("int8")))
    first, second = Draw(0, []).batches(case)[0]
    pairs = set(zip(first.tolist(), second.tolist(), strict=True))
    assert {(a, b) for a in (-128, -1, 0, 1, 127) for b in (-128, -1, 0, 1, 127)} <= pairs


def test_a_factor_increases_the_number_of_values() -> None:
    for type_ in (ColumnType("string"), ColumnType("int64"), ColumnType("float32")):
        few, more = (len(batches(type_, times=times)[0]) for times in (1, 10))
        assert more > 2.5 * few
    assert isinstance(many(ColumnType("string", ragged=True)), Ragged)
    assert isinstance(many(ColumnType("string")), pa.Array)


def test_draws_are_the_same_in_every_run() -> None:
    assert drawn(3) == drawn(3)
    assert len({draw.seed for draw in drawn(10)}) == 10
