"""Dictionary-encoded strings: the same statistics and outputs as plain strings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import headrace as hr
from headrace import transform as t

WORDS = ["Oslo", "rome", "ROME", "", "São Paulo", "New  York"]


def preprocess(x: Any) -> dict[str, t.Column]:
    word, lower = x["word"], t.lower(x["word"])
    words, held = t.document_frequencies(word, vocab_filename="held")
    return {
        "id": t.compute_and_apply_vocabulary(word, num_oov_buckets=2),
        "lower_id": t.compute_and_apply_vocabulary(lower, top_k=2),
        "held": t.lookup(t.apply_vocabulary(word, words, default_value=0), held),
        "few": t.apply_vocabulary(word, t.approximate_vocabulary(word, 2, vocab_filename="few")),
        "by_key": t.scale_to_z_score_per_key(x["number"], word),
        "lower": lower,
        "word": word,
        "tokens": t.tokenize_whitespace(lower),
        "is_rome": lower == "rome",
    }


@pytest.fixture(scope="module")
def encoded() -> pa.RecordBatch:
    random = np.random.default_rng(0)
    words = pa.array(random.integers(0, len(WORDS), 40_000, np.int32))
    return pa.record_batch(
        {
            "number": random.normal(size=40_000),
            "word": pa.DictionaryArray.from_arrays(words, pa.array(WORDS)),
            "unused": random.normal(size=40_000),
        }
    )


@pytest.fixture(scope="module")
def plain(encoded: pa.RecordBatch) -> pa.RecordBatch:
    return encoded.set_column(1, "word", encoded["word"].dictionary_decode())


@pytest.fixture(scope="module")
def expected(plain: pa.RecordBatch) -> hr.Transform:
    return t.analyze(preprocess, [plain])


def assert_same(found: hr.Transform, expected: hr.Transform) -> None:
    assert found.statistics.keys() == expected.statistics.keys()
    for name, value in expected.statistics.items():
        np.testing.assert_array_equal(found.statistics[name], value)


def test_dictionary_encoded_batches_match_plain_batches(
    encoded: pa.RecordBatch, plain: pa.RecordBatch, expected: hr.Transform
) -> None:
    found = t.analyze(preprocess, [encoded])
    assert_same(found, expected)
    assert found(encoded).equals(expected(plain))
    assert found(encoded.slice(5, 3)).equals(expected(plain.slice(5, 3)))  # fewer rows than words
    assert found(encoded).schema == expected.output_schema


def test_nulls_in_dictionaries_are_empty_strings(expected: hr.Transform) -> None:
    words, missing = (
        pa.array(["rome", None, "Oslo"] * 3),
        pa.DictionaryArray.from_arrays([0, 1, 0], ["", None]),
    )
    numbers = pa.array(np.zeros(9))
    for column, strings in (
        (words.dictionary_encode(), words.fill_null("")),
        (missing, pa.array(["", "", ""])),
    ):
        found = expected(pa.record_batch({"word": column, "number": numbers[: len(column)]}))
        wanted = expected(pa.record_batch({"word": strings, "number": numbers[: len(column)]}))
        assert found.equals(wanted)


def test_dictionary_encoded_files_match_batches(
    tmp_path: Path, plain: pa.RecordBatch, expected: hr.Transform
) -> None:
    pq.write_table(pa.Table.from_batches([plain]), tmp_path / "rows.parquet")
    ds = hr.Dataset.from_parquet(tmp_path / "rows.parquet")
    for found in (
        t.analyze(preprocess, ds),
        t.analyze(preprocess, ds, cache_dir=tmp_path / "cache"),
        t.analyze(preprocess, ds.map(lambda batch: batch), cache_dir=tmp_path / "cache"),
    ):
        assert_same(found, expected)
    for threads in (1, 2):
        (batch,) = ds.map(expected, threads)
        assert batch.equals(expected(plain))
