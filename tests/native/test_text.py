from __future__ import annotations

from itertools import pairwise

import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from headrace import _native

WORD_BYTES = np.zeros(256, np.uint8)
WORD_BYTES[list(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'")] = 1

texts = st.lists(st.text(max_size=40), max_size=20)


def buffers(strings: list[str] | list[bytes]) -> tuple[np.ndarray, bytes]:
    encoded = [s.encode() if isinstance(s, str) else s for s in strings]
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in encoded])]).astype(np.int32)
    return offsets, b"".join(encoded)


def tokens_of(strings: list[str], *, lower: bool) -> list[list[bytes]]:
    data, offsets, row_splits = _native.tokenize(*buffers(strings), WORD_BYTES, lower)
    flat = [bytes(data[a:b]) for a, b in pairwise(offsets)]
    return [flat[a:b] for a, b in pairwise(row_splits)]


def tokens_by_hand(text: str, *, lower: bool) -> list[bytes]:
    spaced = bytes(byte if WORD_BYTES[byte] else 32 for byte in text.encode())
    return (spaced.lower() if lower else spaced).split()


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
def test_tokens_are_the_maximal_runs_of_token_bytes(strings: list[str], lower: bool) -> None:
    assert tokens_of(strings, lower=lower) == [tokens_by_hand(s, lower=lower) for s in strings]


def test_only_ascii_is_lowered() -> None:
    everything = np.ones(256, np.uint8)
    data, _, _ = _native.tokenize(*buffers(["ÀİZ"]), everything, True)
    assert bytes(data).decode() == "Àİz"


def test_offsets_of_a_slice_may_start_above_zero() -> None:
    array = pa.array(["skipped", "Some text", "more"])[1:]
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
    data, token_offsets, row_splits = _native.tokenize(
        offsets, np.frombuffer(array.buffers()[2], np.uint8), WORD_BYTES, True
    )
    assert bytes(data) == b"sometextmore"
    assert token_offsets.tolist() == [0, 4, 8, 12]
    assert row_splits.tolist() == [0, 2, 3]


def test_no_strings_give_no_tokens() -> None:
    data, offsets, row_splits = _native.tokenize(np.zeros(0, np.int32), b"", WORD_BYTES, True)
    assert (data.tolist(), offsets.tolist(), row_splits.tolist()) == ([], [0], [0])


@pytest.mark.parametrize("offsets", [[0, 5], [3, 1], [-1, 2]])
def test_offsets_outside_the_data_are_refused(offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="offsets"):
        _native.tokenize(np.array(offsets, np.int32), b"abc", WORD_BYTES, False)
    with pytest.raises(ValueError, match="offsets"):
        _native.murmur3_32(np.array(offsets, np.int32), b"abc", 0)


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
