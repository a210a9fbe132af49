"""TensorProto messages are read and written as TensorFlow does (tools/make_golden_tensors.py)."""

from __future__ import annotations

import json
import resource
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from headrace.errors import RecordError, SchemaError, UsageError
from headrace.records import decode_tensor, encode_tensor
from headrace.records.messages.tensor_proto import FILL_LIMIT

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "tensors.json").read_text())
SERIALIZED, PARSED = GOLDEN["serialized"], GOLDEN["parsed"]


def name_of(case: dict[str, Any]) -> str:
    return case["name"]


def expected_of(case: dict[str, Any]) -> np.ndarray:
    if "strings" in case:
        array = np.empty(case["shape"], object)
        array.reshape(-1)[:] = [bytes.fromhex(text) for text in case["strings"]]
        return array
    return np.frombuffer(bytes.fromhex(case["bytes"]), np.dtype(case["dtype"])).reshape(case["shape"])


def assert_same(found: np.ndarray, expected: np.ndarray) -> None:
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    if found.dtype == object:
        assert found.tolist() == expected.tolist()
    else:
        assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("case", SERIALIZED, ids=name_of)
def test_messages_equal_tensorflows_byte_for_byte(case: dict[str, Any]) -> None:
    assert encode_tensor(expected_of(case)).hex() == case["message"]


@pytest.mark.parametrize("case", [*SERIALIZED, *PARSED], ids=name_of)
def test_tensorflows_messages_parse_as_in_tensorflow(case: dict[str, Any]) -> None:
    message = bytes.fromhex(case["message"])
    if "error" in case:
        with pytest.raises(RecordError) as caught:
            decode_tensor(message)
        assert caught.value.hint
    else:
        assert_same(decode_tensor(message), expected_of(case))


@pytest.mark.parametrize("case", PARSED, ids=name_of)
def test_golden_tensors_round_trip(case: dict[str, Any]) -> None:
    if "error" not in case:
        assert_same(decode_tensor(encode_tensor(expected_of(case))), expected_of(case))


@given(hnp.arrays(hnp.scalar_dtypes().filter(lambda dtype: dtype.kind in "iufcb" and dtype.itemsize < 32),
                  hnp.array_shapes(min_dims=0, max_side=4, min_side=0)))  # fmt: skip
def test_numbers_of_any_dtype_and_byte_order_round_trip(array: np.ndarray) -> None:
    if array.dtype.newbyteorder("=").name in ("longdouble", "float128", "clongdouble"):
        return
    assert_same(decode_tensor(encode_tensor(array)), array.astype(array.dtype.newbyteorder("=")))


@given(st.lists(st.binary(max_size=300)))
def test_strings_round_trip(strings: list[bytes]) -> None:
    array = np.empty(len(strings), object)
    array[:] = strings
    assert decode_tensor(encode_tensor(array)).tolist() == strings


def test_views_are_written_in_the_order_of_their_elements() -> None:
    array = np.arange(24, dtype=np.int16).reshape(4, 6)
    for view in (array.T, array[::-1, ::2], np.asfortranarray(array)):
        assert_same(decode_tensor(encode_tensor(view)), np.ascontiguousarray(view))


def test_text_is_written_as_utf8_and_zero_bytes_stay() -> None:
    assert decode_tensor(encode_tensor("Straße")).item() == "Straße".encode()
    assert decode_tensor(encode_tensor([["a\0", b"\xff\0"]])).tolist() == [[b"a\0", b"\xff\0"]]
    assert decode_tensor(encode_tensor(np.array(["ab", "c"]))).tolist() == [b"ab", b"c"]


def test_decoded_arrays_own_their_memory() -> None:
    array = decode_tensor(encode_tensor(np.arange(3.0)))
    array += 1
    assert array.tolist() == [1, 2, 3]
    assert array.flags.aligned


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (np.array(["2026-01-01"], "M8[D]"), "datetime64"),
        (np.array([1.0], np.longdouble), "float128"),
        (np.array([{}], object), "dict"),
        ([["a"], ["b", "c"]], "differ in length"),
        (np.array([(1, 2)], "i4,i4"), "NumPy dtype"),
    ],
)
def test_dtypes_that_tensorflow_lacks_are_rejected(value: object, what: str) -> None:
    with pytest.raises(SchemaError, match=what) as caught:
        encode_tensor(value)
    assert caught.value.hint


def without_values(type_: str, *shape: str) -> bytes:
    """A message that leaves all values out; each size is a varint in hexadecimal."""
    dims = b"".join(bytes([0x12, len(size) // 2 + 1, 0x08]) + bytes.fromhex(size) for size in shape)
    return bytes.fromhex(type_) + bytes([0x12, len(dims)]) + dims


FLOATS, STRINGS = "0801", "0807"
THOUSAND, TWO_TO_27, TWO_TO_40, TWO_TO_60 = "e807", "80808040", "808080808020", "808080808080808010"


@pytest.mark.parametrize("type_", [FLOATS, STRINGS], ids=["numbers", "strings"])
@pytest.mark.parametrize("shape", [(TWO_TO_60,), (TWO_TO_40, THOUSAND), (TWO_TO_27,)])
def test_a_huge_shape_of_repeated_values_allocates_nothing(shape: tuple[str, ...], type_: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(RecordError, match=r"repeats its last value|64-bit sizes"):
        decode_tensor(without_values(type_, *shape))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_the_limit_on_repeated_values_is_the_callers() -> None:
    message = without_values(FLOATS, THOUSAND)
    assert decode_tensor(message, fill_limit=4000).tolist() == [0] * 1000
    with pytest.raises(RecordError, match="4,000 bytes, the limit is 3,999; pass a larger fill_limit"):
        decode_tensor(message, fill_limit=3999)
    assert decode_tensor(encode_tensor(np.ones(1000)), fill_limit=0).sum() == 1000  # nothing repeats
    assert FILL_LIMIT == 2**28
    with pytest.raises(UsageError):
        decode_tensor(message, fill_limit=-1)


def test_unknown_rank_is_rejected() -> None:
    with pytest.raises(RecordError, match="unknown rank"):
        decode_tensor(bytes.fromhex("080112021801" + "2a0400002040"))


def array_or_clear_error(message: bytes) -> None:
    limit = 1 << 12
    try:
        assert decode_tensor(message, fill_limit=limit).nbytes <= limit
        return
    except RecordError as caught:
        hint = caught.hint
    assert hint


@pytest.mark.parametrize("case", [*SERIALIZED, *PARSED], ids=name_of)
def test_a_message_truncated_anywhere_is_an_array_or_a_clear_error(case: dict[str, Any]) -> None:
    message = bytes.fromhex(case["message"])
    for end in range(len(message)):
        array_or_clear_error(message[:end])


@pytest.mark.parametrize("case", [*SERIALIZED, *PARSED], ids=name_of)
def test_a_message_with_any_flipped_bit_is_an_array_or_a_clear_error(case: dict[str, Any]) -> None:
    message = bytes.fromhex(case["message"])
    for bit in range(8 * len(message)):
        turned = bytearray(message)
        turned[bit // 8] ^= 1 << bit % 8
        array_or_clear_error(bytes(turned))


def test_bfloat16_is_the_dtype_of_ml_dtypes() -> None:
    assert decode_tensor(encode_tensor(np.array([1.5], ml_dtypes.bfloat16))).dtype == ml_dtypes.bfloat16
