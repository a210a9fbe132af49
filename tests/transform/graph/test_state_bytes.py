from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from headrace.errors import ModelError
from headrace.transform.graph.state_bytes import Packed, pack, unpack

ARRAYS: list[Packed] = [
    np.array(3.5),
    np.arange(6, dtype=np.int64).reshape(2, 3),
    np.zeros((0, 4), np.uint8),
    np.array([True, False]),
    pa.array(["", "a", "naïve", "😀"]),
    pa.array(["cut", "off", "here"]).slice(1, 1),
    pa.array([], pa.string()),
]


def offsets(*places: int) -> bytes:
    return np.array(places, "<i8").tobytes()


def altered(header: dict[str, object], rest: bytes = b"") -> bytes:
    encoded = json.dumps(header).encode()
    return b"HRST\x01" + len(encoded).to_bytes(4, "little") + encoded + rest


def test_arrays_round_trip() -> None:
    for given, found in zip(ARRAYS, unpack("me", pack("me", ARRAYS)), strict=True):
        assert type(found) is type(given)
        if isinstance(given, pa.Array):
            assert found.to_pylist() == given.to_pylist()
        else:
            assert (found.dtype, found.shape, found.tolist()) == (given.dtype, given.shape, given.tolist())


@pytest.mark.parametrize("length", range(0, len(pack("me", ARRAYS)), 7))
def test_truncated_bytes_are_refused(length: int) -> None:
    with pytest.raises(ModelError, match="compute it again"):
        unpack("me", pack("me", ARRAYS)[:length])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"pickle",
        b"HRST\x02" + bytes(20),
        b"HRST\x01\xff\xff\xff\xff{}",
        altered([]),  # type: ignore[arg-type]
        altered({"owner": "you", "arrays": []}),
        altered({"owner": "me"}),
        altered({"owner": "me", "arrays": [{"dtype": "object", "shape": [1]}]}, bytes(8)),
        altered({"owner": "me", "arrays": [{"dtype": "float64", "shape": [-1]}]}, bytes(8)),
        altered({"owner": "me", "arrays": [{"dtype": "float64", "shape": [1 << 40]}]}, bytes(8)),
        altered({"owner": "me", "arrays": [{"dtype": "float64", "shape": [1 << 40, 1 << 40]}]}, bytes(8)),
        altered({"owner": "me", "arrays": [{"dtype": "uint8", "shape": [1] * 40}]}, bytes(1)),
        altered({"owner": "me", "arrays": [{"dtype": "uint8", "shape": [1.0]}]}, bytes(1)),
        altered({"owner": "me", "arrays": [{"strings": 1 << 40, "bytes": 0}]}, bytes(64)),
        altered({"owner": "me", "arrays": [{"strings": 1, "bytes": 1}]}, offsets(0, 9) + b"a"),
        altered({"owner": "me", "arrays": [{"strings": 1, "bytes": 1}]}, offsets(0, 1) + b"\xff"),
        altered({"owner": "me", "arrays": []}, b"more"),
    ],
)  # fmt: skip
def test_hostile_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match="compute it again"):
        unpack("me", data)
