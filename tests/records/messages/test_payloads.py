"""Payloads are bytes, and values keep their types: nothing else is written or parsed silently."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from headrace import records
from headrace.errors import SchemaError, UsageError
from headrace.records import (
    RecordReader,
    RecordWriter,
    decode_example,
    decode_sequence_example,
    decode_tensor,
    encode_example,
    encode_sequence_example,
    encode_tensor,
    write,
)

FORMS: dict[str, Callable[[bytes], Any]] = {
    "bytes": bytes,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "a memoryview that is not contiguous": lambda data: memoryview(bytes(2 * len(data)))[::2],
    "a pyarrow buffer": pa.py_buffer,
    "a pyarrow scalar": pa.scalar,
    "a large pyarrow scalar": lambda data: pa.scalar(data, pa.large_binary()),
}
REFUSED: list[Any] = [
    np.array([256, 257]),
    np.array([1, 2], np.uint8),
    np.array([b"a"]),
    memoryview(np.array([256], np.int16)),
    torch.tensor([1, 2]),
    "text",
    None,
    7,
    [1, 2],
    pa.scalar("text"),
    pa.scalar(None, pa.binary()),
    pa.array([b"a"]),
]


def put(data: Any, path: Path) -> bytes:
    with RecordWriter(path) as writer:
        writer.write(data)
    (payload,) = RecordReader(path)
    return payload


@pytest.mark.parametrize("form", FORMS)
def test_buffers_of_all_kinds_are_written_and_parsed(form: str, tmp_path: Path) -> None:
    given = FORMS[form](b"abc")
    assert put(given, tmp_path / "x") == (bytes(3) if "contiguous" in form else b"abc")
    if "contiguous" not in form:
        assert decode_tensor(FORMS[form](encode_tensor([1, 2]))).tolist() == [1, 2]
        assert decode_example(FORMS[form](encode_example({"a": 1})))["a"].tolist() == [1]
        assert decode_sequence_example(FORMS[form](encode_sequence_example({"a": 1}, {})))[0][
            "a"
        ].tolist() == [1]


@pytest.mark.parametrize("value", REFUSED, ids=lambda value: type(value).__name__)
def test_arrays_and_other_values_are_refused_not_cut_to_their_low_bytes(value: Any, tmp_path: Path) -> None:
    for use in (
        decode_example,
        decode_sequence_example,
        decode_tensor,
        lambda data: put(data, tmp_path / "x"),
    ):
        with pytest.raises(UsageError, match=r"^data: expected bytes, got .*encode_tensor") as caught:
            use(value)
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ([1, "a"], "expected values of one type, got integers and strings"),
        ([[1, "a"]], "expected values of one type, got integers and strings"),
        ([True, 2], "expected values of one type, got booleans and integers"),
        ([1, None], "expected values of one type, got integers and missing values"),
        (["a", None], "expected values of one type, got missing values and strings"),
        ([b"a", 1.5], "expected values of one type, got floats and strings"),
        ([[1], [2, 3]], "lists that differ in length"),
        (np.ma.array([1, 2], mask=[False, True]), "got masked values"),
        (pa.array([1, None]), "got integers and missing values"),
        ([2**63, -1], "has no type that holds them all"),
        ([2**53 + 1, 0.5], "has no type that holds them all"),
    ],
)
def test_lists_of_mixed_types_ragged_masked_and_null_values_are_refused(value: Any, what: str) -> None:
    with pytest.raises(SchemaError, match=what) as caught:
        encode_example({"f": value})
    assert caught.value.feature == "f"
    with pytest.raises(SchemaError, match=what):
        encode_tensor(value)


@pytest.mark.parametrize("value", [2**63, [2**63], np.array([2**63], np.uint64)])
def test_an_integer_beyond_int64_does_not_wrap(value: Any) -> None:
    with pytest.raises(SchemaError, match="expected integers of int64, got 9223372036854775808"):
        encode_example({"f": value})


def test_arrow_values_are_what_they_hold() -> None:
    found = decode_example(
        encode_example({"s": pa.scalar("sun"), "i": pa.scalar(5), "a": pa.array(["x", "y"])})
    )
    assert (found["s"], found["i"].tolist(), found["a"]) == ([b"sun"], [5], [b"x", b"y"])


def test_fixed_size_lists_of_length_0_are_refused_as_they_read_back_as_nulls(tmp_path: Path) -> None:
    empty = pa.record_batch({"x": pa.array([[], []], pa.list_(pa.int64(), 0))})
    with pytest.raises(SchemaError, match=r"cannot tell a .* from a missing value"):
        write(tmp_path / "x", [empty])


def test_dictionaries_inside_lists_are_stored_as_their_values(tmp_path: Path) -> None:
    words = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0, 1], pa.int8()), pa.array(["a", "b"]))
    sizes = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0, 1], pa.int8()), pa.array([5, 6]))
    offsets = pa.array([0, 2, None, 4])
    table = pa.table(
        {
            "words": pa.ListArray.from_arrays(offsets, words),
            "sizes": pa.LargeListArray.from_arrays(offsets.cast(pa.int64()), sizes),
            "pair": pa.FixedSizeListArray.from_arrays(words.take(pa.array([0, 1, 2, 3, 1, 1])), 2),
        }
    )
    records.write(tmp_path / "t.tfrecord", table)
    plain = [row for batch in records.read(tmp_path / "t.tfrecord") for row in batch.to_pylist()]
    assert plain == table.to_pylist()
    (encoded,) = records.read(tmp_path / "t.tfrecord", schema=table.schema)
    assert encoded.schema.types == table.schema.types
    assert encoded.to_pylist() == table.to_pylist()
