from __future__ import annotations

from itertools import pairwise

import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from onnx import TensorProto, helper

from headrace import _native

WORD_BYTES = np.zeros(256, np.uint8)
WORD_BYTES[list(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'")] = 1

DROP, CUT = _native.ByteAction.DROP, _native.ByteAction.CUT
texts = st.lists(st.text(max_size=40), max_size=20)


def buffers(strings: list[str] | list[bytes]) -> tuple[np.ndarray, bytes]:
    encoded = [s.encode() if isinstance(s, str) else s for s in strings]
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in encoded])]).astype(np.int32)
    return offsets, b"".join(encoded)


def table(*, lower: bool) -> np.ndarray:
    small = np.array([ord(chr(byte).lower()) if byte < 128 else byte for byte in range(256)], np.uint16)
    return np.where(WORD_BYTES, small if lower else np.arange(256, dtype=np.uint16), np.uint16(CUT))


def tokens_of(strings: list[str], mapping: np.ndarray) -> list[list[bytes]]:
    offsets, data, row_splits = _native.cut_bytes(*buffers(strings), mapping)
    flat = [bytes(data[a:b]) for a, b in pairwise(offsets)]
    return [flat[a:b] for a, b in pairwise(row_splits)]


def reference_tokens(text: str, mapping: np.ndarray) -> list[bytes]:
    tokens = [b""]
    for byte in text.encode():
        if mapping[byte] == CUT:
            tokens.append(b"")
        elif mapping[byte] != DROP:
            tokens[-1] += bytes([mapping[byte]])
    return [piece for piece in tokens if piece]


tables = arrays(np.uint16, 256, elements=st.integers(0, 255) | st.sampled_from([DROP, CUT]))


def onnxruntime_hasher(seed: int) -> onnxruntime.InferenceSession:
    node = helper.make_node("MurmurHash3", ["s"], ["h"], domain="com.microsoft", positive=1, seed=seed)
    graph = helper.make_graph(
        [node],
        "hash",
        [helper.make_tensor_value_info("s", TensorProto.STRING, ["n"])],
        [helper.make_tensor_value_info("h", TensorProto.UINT32, ["n"])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.checker.check_model(model, full_check=False)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


@given(texts, st.booleans())
def test_tokens_are_maximal_runs_of_token_bytes(strings: list[str], lower: bool) -> None:
    kept = (bytes(byte if WORD_BYTES[byte] else 32 for byte in text.encode()) for text in strings)
    expected = [(text.lower() if lower else text).split() for text in kept]
    assert tokens_of(strings, table(lower=lower)) == expected


@given(texts, tables)
def test_tokens_lie_between_cuts(strings: list[str], mapping: np.ndarray) -> None:
    assert tokens_of(strings, mapping) == [reference_tokens(text, mapping) for text in strings]


@given(texts, tables)
def test_mapped_strings_have_their_bytes_replaced_or_dropped(strings: list[str], mapping: np.ndarray) -> None:
    offsets, data = _native.map_bytes(*buffers(strings), np.minimum(mapping, DROP).astype(np.uint16))
    expected = [
        bytes(int(mapping[byte]) for byte in text.encode() if mapping[byte] < DROP) for text in strings
    ]
    assert [bytes(data[a:b]) for a, b in pairwise(offsets)] == expected


def test_offsets_of_a_slice_may_start_above_zero() -> None:
    array = pa.array(["skipped", "Some text", "more"])[1:]
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
    whole = np.frombuffer(array.buffers()[2], np.uint8)
    ends, data, row_splits = _native.cut_bytes(offsets, whole, table(lower=True))
    assert bytes(data) == b"sometextmore"
    assert ends.tolist() == [0, 4, 8, 12]
    assert row_splits.tolist() == [0, 2, 3]


def test_zero_strings_give_zero_tokens() -> None:
    nothing = (np.zeros(0, np.int32), b"", table(lower=True))
    offsets, data, row_splits = _native.cut_bytes(*nothing)
    assert (offsets.tolist(), data.tolist(), row_splits.tolist()) == ([0], [], [0])
    assert [each.tolist() for each in _native.map_bytes(*nothing)] == [[0], []]


@pytest.mark.parametrize("offsets", [[0, 5], [3, 1], [-1, 2]])
def test_offsets_outside_the_data_are_rejected(offsets: list[int]) -> None:
    strings = np.array(offsets, np.int32), b"abc"
    for kernel, arguments in (
        (_native.cut_bytes, (table(lower=False),)),
        (_native.map_bytes, (table(lower=False),)),
        (_native.murmur3_32, (0,)),
        (_native.WordIndex, ()),
        (_native.WordCounts().add, ()),
    ):
        with pytest.raises(ValueError, match="offsets"):
            kernel(*strings, *arguments)


def test_a_table_has_an_entry_for_every_byte() -> None:
    with pytest.raises(ValueError, match="expected 256 elements"):
        _native.map_bytes(*buffers(["a"]), np.zeros(255, np.uint16))


@pytest.mark.parametrize("seed", [0, 1, 0x7FFFFFFF])
def test_hash_equals_onnxruntime(seed: int) -> None:
    session = onnxruntime_hasher(seed)
    alphabet = "aé€😀Z 9"
    strings = [(alphabet * 4)[i : i + length] for length in range(12) for i in range(7)]
    expected = session.run(None, {"s": np.array(strings, object)})[0]
    assert _native.murmur3_32(*buffers(strings), seed).tolist() == expected.tolist()


def test_hash_equals_the_published_vectors() -> None:
    offsets, data = buffers([b"", b"test", b"Hello, world!", b"\xff\xff\xff\xff"])
    assert _native.murmur3_32(offsets, data, 0).tolist() == [0, 0xBA6BD213, 0xC0363E43, 0x76293B50]
    assert _native.murmur3_32(offsets, data, 0x9747B28C).tolist()[1:3] == [0x704B81DC, 0x24884CBA]


def decodes(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("width", [np.int32, np.int64])
@given(
    values=st.lists(st.binary(max_size=12) | st.text(max_size=40).map(str.encode)), skipped=st.integers(0, 3)
)
def test_strings_are_utf8_one_by_one(width: type, values: list[bytes], skipped: int) -> None:
    offsets = np.cumsum([0, *map(len, values)], dtype=width)
    checked = _native.are_utf8(offsets[skipped:], b"".join(values))
    assert checked == all(decodes(value) for value in values[skipped:])


def test_characters_cut_between_two_strings_are_not_utf8() -> None:
    assert not _native.are_utf8(np.array([0, 4, 5], np.int32), b"caf\xc3\xa9")
    assert _native.are_utf8(np.array([0, 3, 5, 5], np.int32), b"caf\xc3\xa9")


@pytest.mark.parametrize("offsets", [[0, 3, 1], [-1, 2], [0, 9]])
def test_strings_outside_of_their_data_are_refused(offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="offset"):
        _native.are_utf8(np.array(offsets, np.int64), b"abcd")
