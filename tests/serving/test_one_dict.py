"""One row of plain values is fed without Arrow: the same tensors, or the work is left to the general path."""

from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from headrace.serving import Input
from headrace.serving.feed import Feeder
from headrace.serving.feed.one_dict import OneDict
from headrace.serving.feed.plain_rows import PlainRows

TYPES = ("string", "bool", "float16", "float32", "float64", "int8", "uint8", "int32", "int64", "uint64")
VALUES = (
    *(None, True, False, 0, 1, -1, 127, 128, 255, 256, 2**31, 2**53, 2**53 + 1, -(2**63), 2**63, 2**64 - 1),
    *(0.0, -0.0, 0.1, 1.5, 65504.0, 65519.9, 65520.0, 3.4e38, 3.41e38, 1e300, float("inf"), float("nan")),
    *("", "a", "caf\xe9", "\x00", "\ud800", "1", b"a", [], [1], ["a"], ["a", None], [1, 2.5]),
    *(2**64, np.float32(1.5), np.int64(3), np.ones(2), np.ones(2, np.float32), (1, 2), {"a": 1}, [[1]]),
)  # fmt: skip


@pytest.mark.parametrize("shape", [(), (None,), (2,)], ids=["one value", "list", "array"])
@pytest.mark.parametrize("dtype", TYPES)
def test_the_fast_path_is_the_general_path(dtype: str, shape: tuple[int | None, ...]) -> None:
    tensors = ("x.values", "x.row_splits") if shape == (None,) else ("x",)
    for default in (None, "other" if dtype == "string" else 0):
        column = Input("x", dtype, shape, tensors, default=default)
        taken = [value for value in VALUES if _compare(column, value)]
        assert taken or shape != ()


def _compare(column: Input, value: Any) -> bool:
    """Check that the fast path leaves a value, or makes the same tensors; return whether it took it."""
    found = OneDict([column]).feed({"x": value, "other": object()})
    if found is None:
        return False
    expected = Feeder([column]).feed(MappingProxyType({"x": value}))
    assert found.keys() == expected.keys()
    for name, tensor in found.items():
        assert tensor.dtype == expected[name].dtype
        assert tensor.shape == expected[name].shape
        assert tensor.tolist() == expected[name].tolist() or tensor.tobytes() == expected[name].tobytes()
        assert (
            np.signbit(tensor).tolist() == np.signbit(expected[name]).tolist()
            if tensor.dtype.kind == "f"
            else True
        )
    return True


@pytest.mark.parametrize("dtype", TYPES)
def test_the_fast_path_of_rows_is_the_general_path(dtype: str) -> None:
    for default in (None, "other" if dtype == "string" else 0):
        column = Input("x", dtype, (), ("x",), default=default)
        rows = [[{"x": first, "other": 1}, {"x": second}] for first in VALUES for second in VALUES]
        taken = [each for each in rows if _compare_rows(column, each)]
        assert taken


def _compare_rows(column: Input, rows: list[dict[str, Any]]) -> bool:
    found = PlainRows([column]).feed(rows)
    if found is None:
        return False
    expected = Feeder([column]).feed(tuple(rows))["x"]
    assert found["x"].dtype == expected.dtype
    assert found["x"].tolist() == expected.tolist() or found["x"].tobytes() == expected.tobytes()
    return True


def test_rows_of_one_text_and_others_are_left() -> None:
    texts = PlainRows([Input("x", "string", (), ("x",))])
    assert texts.feed([{"x": "\ud83d"}, {"x": "\ude00"}]) is None
    assert texts.feed([{"x": "a"}, {}]) is None
    assert texts.feed([{"x": "a"}, ["b"]]) is None
    assert texts.feed([]) is None
    assert PlainRows([Input("x", "float32", (2,), ("x",))]).feed([{"x": [1.0, 2.0]}]) is None


def test_a_column_that_is_absent_or_decoded_is_left() -> None:
    assert OneDict([Input("x", "float64", (), ("x",), optional=True)]).feed({}) is None
    assert OneDict([Input("x", "uint8", (None, None, 3), ("x",), encoding="image")]).feed({"x": b""}) is None
