"""int64 keeps its digits with statistics: epoch seconds, ids beyond 2**53, both ends of the type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headrace as hr
from headrace import transform as t
from headrace.columns import from_arrow
from headrace.errors import SchemaError

EPOCH = 1_700_000_000
ID = 2**60 + 1
SPREAD = [-1.2247449, 0.0, 1.2247449]
integers = st.integers(-(2**63), 2**63 - 1)


def run(function: Callable[[Any], Any], **columns: Any) -> list[Any]:
    """Compute an output in Python and in ONNX Runtime, which must agree bit for bit."""
    batch = pa.record_batch(columns)
    frozen = t.analyze(lambda x: {"out": function(x)}, [batch])
    found = from_arrow(frozen(batch)["out"])
    session = onnxruntime.InferenceSession(frozen.to_onnx().SerializeToString())
    names = [each.name for each in session.get_inputs()]
    (onnx,) = session.run(None, {name: to_numpy(batch[name]) for name in names})
    assert (onnx.dtype, onnx.tobytes()) == (found.dtype, found.tobytes())
    return found.tolist()


def to_numpy(column: pa.Array) -> np.ndarray:
    value = from_arrow(column)
    return np.array(value.to_pylist(), object) if isinstance(value, pa.Array) else value


def three(first: int, dtype: str = "int64") -> pa.Array:
    return pa.array(np.array([first, first + 1, first + 2], dtype))


def floats(values: list[float]) -> pa.Array:
    return pa.array(np.array(values, np.float32))


STARTS = [
    ("epoch seconds", three(EPOCH)),
    ("int32", three(EPOCH, "int32")),
    ("uint32", three(2**32 - 3, "uint32")),
    ("ids beyond 2**53", three(2**53 + 1)),
    ("ids beyond 2**60", three(ID)),
    ("the least int64", three(-(2**63))),
    ("the largest int64", three(2**63 - 3)),
    ("the largest uint64", three(2**64 - 3, "uint64")),
]
every_start = pytest.mark.parametrize("x", [x for _, x in STARTS], ids=[name for name, _ in STARTS])


@every_start
def test_int64_with_a_statistic_keeps_its_digits(x: pa.Array) -> None:
    key = ["a", "a", "a"]
    assert run(lambda x: t.scale_to_z_score(x["x"]), x=x) == pytest.approx(SPREAD, abs=1e-6)
    assert run(lambda x: t.scale_to_z_score_per_key(x["x"], x["k"]), x=x, k=key) == pytest.approx(
        SPREAD, abs=1e-6
    )
    assert run(lambda x: t.scale_to_0_1(x["x"]), x=x) == [0, 0.5, 1]
    assert run(lambda x: t.scale_by_min_max(x["x"], -1, 1), x=x) == [-1, 0, 1]
    assert run(lambda x: t.scale_to_0_1_per_key(x["x"], x["k"]), x=x, k=key) == [0, 0.5, 1]
    assert run(lambda x: x["x"] - t.min(x["x"]), x=x) == [0, 1, 2]
    assert run(lambda x: t.max(x["x"]) - x["x"], x=x) == [2, 1, 0]
    assert run(lambda x: (x["x"] - t.min(x["x"])) / (t.max(x["x"]) - t.min(x["x"])), x=x) == [0, 0.5, 1]


@pytest.mark.parametrize("x", [three(EPOCH), three(2**53 + 1), three(ID), three(2**63 - 3)], ids=str)
def test_int64_compares_exactly_with_statistics_of_integers(x: pa.Array) -> None:
    assert run(lambda x: x["x"] < t.max(x["x"]), x=x) == [True, True, False]
    assert run(lambda x: x["x"] == t.min(x["x"]), x=x) == [True, False, False]
    assert run(lambda x: t.min(x["x"]) >= x["x"], x=x) == [True, False, False]
    first = x[0].as_py()
    assert run(lambda x: t.clip(x["x"], t.min(x["x"]), first + 1), x=x) == [first, first + 1, first + 1]


def test_epoch_seconds_in_gaussian_normalization_and_layers() -> None:
    x = three(EPOCH)
    gaussian = run(lambda x: t.scale_to_gaussian(x["x"]), x=x)
    assert gaussian == pytest.approx([-0.8462844, 0, 0.8462844], abs=1e-6)
    per_key = run(lambda x: t.scale_to_gaussian_per_key(x["x"], x["k"]), x=x, k=["a"] * 3)
    assert per_key == pytest.approx(gaussian, abs=1e-6)
    layer = hr.layers.Normalization().adapt(x)
    assert layer(x).to_pylist() == pytest.approx(SPREAD, abs=1e-6)
    assert layer(x).type == pa.float32()
    days = run(lambda x: x["x"] / 86_400 - t.min(x["x"] / 86_400), x=x)
    assert days == pytest.approx([0, 1 / 86_400, 2 / 86_400], rel=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.lists(integers, min_size=1, max_size=8), st.booleans())
def test_any_int64_is_scaled_as_exact_numbers_would_be(values: list[int], near: bool) -> None:
    values = [values[0] // 2 + value % 1000 for value in values] if near else values
    batch = pa.record_batch({"x": pa.array(values, pa.int64())})
    frozen = t.analyze(
        lambda x: {
            "unit": t.scale_to_0_1(x["x"]),
            "from": x["x"] - t.min(x["x"]),
            "less": x["x"] < t.max(x["x"]),
        },
        [batch],
    )
    found, low, high = frozen(batch).to_pydict(), min(values), max(values)
    assert found["from"] == [float(value - low) for value in values]
    assert found["less"] == [value < high for value in values]
    unit = [(value - low) / (high - low) if high > low else 0.5 for value in values]
    assert found["unit"] == pytest.approx(unit, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=12),
    st.sampled_from([0, EPOCH, 2**53, 2**60 + 1, -(2**62)]),
    st.integers(1, 4),
)
def test_mean_and_variance_of_int64_are_exact_however_batches_are_cut(
    steps: list[int], start: int, parts: int
) -> None:
    x = np.array([start + step for step in steps], np.int64)
    batches = [pa.record_batch({"x": part}) for part in np.array_split(x, min(parts, len(x)))]
    frozen = t.analyze(
        lambda x: {"y": x["x"] * t.mean(x["x"]) + t.var(x["x"]), "s": x["x"] + t.sum(x["x"])}, batches
    )
    exact = [int(each) for each in x]
    assert float(frozen.statistics["sum(x)"]) == float(sum(exact))
    assert float(frozen.statistics["mean(x)"]) == sum(exact) / len(exact)
    squares = sum((len(exact) * each - sum(exact)) ** 2 for each in exact)
    assert float(frozen.statistics["var(x)"]) == pytest.approx(squares / len(exact) ** 3, rel=1e-14)


def test_lookup_tables_of_epoch_seconds_or_ids_keep_their_digits() -> None:
    def look_up(table: Any, default: float = 0) -> list[Any]:
        return run(lambda x: t.lookup(x["i"], table, default), i=pa.array([0, 1, 9]))

    assert look_up([EPOCH, EPOCH + 1]) == [EPOCH, EPOCH + 1, 0]
    assert look_up([ID, -ID], -(2**63)) == [ID, -ID, -(2**63)]
    assert look_up([EPOCH + 0.5, 1.0]) == [EPOCH + 0.5, 1.0, 0.0]
    assert look_up([0.5, 2]) == [0.5, 2.0, 0.0]
    assert run(lambda x: x["x"] - t.lookup(x["i"], [EPOCH]), i=pa.array([0]), x=pa.array([EPOCH + 3])) == [3]


FALSE, TRUE = [False] * 3, [True] * 3
SMALL = pa.array([0, 1, 255], pa.uint8())
CONSTANTS: list[tuple[str, pa.Array, Callable[[Any], Any], list[Any]]] = [
    ("isin(x, [1.5])", three(0), lambda x: t.isin(x, [1.5]), FALSE),
    ("isin(x, [1.0, 1.5])", three(0), lambda x: t.isin(x, [1.0, 1.5]), [False, True, False]),
    ("uint8 isin(x, [-1, 256])", SMALL, lambda x: t.isin(x, [-1, 256]), FALSE),
    ("isin of ids", three(ID), lambda x: t.isin(x, [ID + 1, 0.5]), [False, True, False]),
    ("isin nothing", SMALL, lambda x: t.isin(x, []), FALSE),
    ("isin bool", pa.array([True, False, True]), lambda x: t.isin(x, [2, 0.5]), FALSE),
    ("x == 1700000001.0", three(EPOCH), lambda x: x == 1700000001.0, [False, True, False]),
    ("x == 1700000001.5", three(EPOCH), lambda x: x == 1700000001.5, FALSE),
    ("x != 1.5", three(0), lambda x: x != 1.5, TRUE),
    ("x < 1.5", three(0), lambda x: x < 1.5, [True, True, False]),
    ("x <= 1.5", three(0), lambda x: x <= 1.5, [True, True, False]),
    ("x > 0.5", three(0), lambda x: x > 0.5, [False, True, True]),
    ("0.5 <= x", three(0), lambda x: np.float64(0.5) <= x, [False, True, True]),
    ("uint8 < 300", SMALL, lambda x: x < 300, TRUE),
    ("uint8 >= 300", SMALL, lambda x: x >= 300, FALSE),
    ("uint8 > -1", SMALL, lambda x: x > -1, TRUE),
    ("uint8 <= -0.5", SMALL, lambda x: x <= -0.5, FALSE),
    ("uint8 == 256", SMALL, lambda x: x == 256, FALSE),
    ("x < inf", three(2**63 - 3), lambda x: x < np.inf, TRUE),
    ("x > nan", three(0), lambda x: x > np.nan, FALSE),
    ("x < 2**63", three(2**63 - 3), lambda x: x < 2**63, TRUE),
    ("x == 9e18", three(9 * 10**18 - 1), lambda x: x == 9e18, [False, True, False]),
    ("float32 == 16777217", floats([16777216, 16777218, 0]), lambda x: x == 16777217, FALSE),
    ("float32 < 16777217", floats([16777216, 16777218]), lambda x: x < 16777217, [True, False]),
    ("float32 isin 16777217", floats([16777216, 0.5]), lambda x: t.isin(x, [16777217, 0.5]), [False, True]),
    ("float32 == 0.1", floats([0.1, 0.2, 0]), lambda x: x == 0.1, [True, False, False]),
    ("float32 <= 1e300", floats([np.inf, 3e38, 0]), lambda x: x <= 1e300, [False, True, True]),
    ("float64 == 2**53 + 1", pa.array([2.0**53, 2.0**53 + 2, 0]), lambda x: x == 2**53 + 1, FALSE),
    ("index_of ids", three(ID), lambda x: t.index_of(x, [ID + 1]), [-1, 0, -1]),
    ("buckets of uint8", SMALL, lambda x: t.apply_buckets(x, [-500, 0.5, 1000]), [1, 2, 2]),
    ("buckets of ids", three(ID), lambda x: t.apply_buckets(x, [ID + 1, ID + 2]), [0, 1, 2]),
    ("buckets of 1.5", three(0), lambda x: t.apply_buckets(x, [0.5, 1.5]), [0, 1, 2]),
    ("buckets of float32", floats([16777216, 0.1]), lambda x: t.apply_buckets(x, [0.1, 16777217]), [1, 1]),
    ("int64 < float32 column", three(EPOCH), lambda x: x < t.cast(x, "float32"), FALSE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("x", "function", "expected"),
    [case[1:] for case in CONSTANTS],
    ids=[case[0] for case in CONSTANTS],
)
def test_constants_are_compared_at_their_own_value(
    x: pa.Array, function: Callable[[Any], Any], expected: list[Any]
) -> None:
    assert run(lambda columns: function(columns["x"]), x=x) == expected


ENDS = st.sampled_from([2**63, 2**64 - 1, -(2**63)])
NUMBERS = st.one_of(st.integers(-300, 300), st.floats(width=32), st.floats(), ENDS)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["int8", "uint8", "int64", "uint32", "float64", "bool"]), NUMBERS, st.data())
def test_any_constant_compares_as_in_python(dtype: str, number: float, data: st.DataObject) -> None:
    kind = np.dtype(dtype).kind
    ends = (0, 1) if kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max) if kind in "iu" else (0, 0)
    values = data.draw(st.lists(st.floats() if kind == "f" else st.integers(*map(int, ends)), min_size=1))
    values += [int(end) for end in ends]
    batch = pa.record_batch({"x": pa.array(np.array(values, dtype))})
    found = t.analyze(
        lambda x: {
            "<": x["x"] < number, "<=": x["x"] <= number, ">": x["x"] > number, ">=": x["x"] >= number,
            "==": x["x"] == number, "!=": x["x"] != number, "in": t.isin(x["x"], [number]),
        },
        [batch],
    )(batch).to_pydict()  # fmt: skip
    assert found == {
        "<": [x < number for x in values], "<=": [x <= number for x in values],
        ">": [x > number for x in values], ">=": [x >= number for x in values],
        "==": [x == number for x in values], "!=": [x != number for x in values],
        "in": [x == number for x in values],
    }  # fmt: skip


REFUSED: list[tuple[Callable[[Any], Any], str]] = [
    (lambda x: t.lookup(x["i"], [ID], 1.5), "default_value 1.5 does not fit int64"),
    (lambda x: t.lookup(x["i"], [0.5], 16777217), "default_value 16777217 does not fit float32"),
    (lambda x: t.lookup(x["i"], [0.5], True), "default_value: expected a number, got True"),
    (lambda x: t.lookup(x["i"], [ID], np.nan), "default_value nan does not fit int64"),
    (lambda x: t.lookup(x["i"], [ID], np.inf), "default_value inf does not fit int64"),
    (lambda x: t.lookup(x["i"], ["a"]), "table: expected a number, got 'a'"),
    (lambda x: t.apply_vocabulary(x["s"], ["a"], default_value=1.5), "expected an integer, got 1.5"),
    (lambda x: t.compute_and_apply_vocabulary(x["s"], default_value=0.5), "expected an integer, got 0.5"),
    (lambda x: t.index_of(x["i"], [1.5]), "numbers: expected an integer, got 1.5"),
    (lambda x: t.index_of(x["i"], np.array([2**63])), "index_of expects integers"),
    (lambda x: t.isin(x["i"], ["1"]), "isin expects numbers, got ['1']"),
    (lambda x: t.isin(x["s"], [1]), "expected strings, got [1]"),
    (lambda x: t.isin(x["s"], "abc"), "values: expected a list, got 'abc'"),
    (lambda x: t.fill_missing(x["f"], 16777217), "16777217 does not fit float32"),
    (lambda x: t.fill_missing(x["f"], 1e39), "1e+39 does not fit float32"),
    (lambda x: t.where(x["i"] > 0, x["f"], 2**31 + 1), "2147483649 does not fit float32"),
    (lambda x: t.clip(x["f"], 0, 1e300), "1e+300 does not fit float32"),
    (lambda x: t.maximum(x["u"], 300), "300 does not fit uint8"),
    (lambda x: t.to_dense(t.to_lists(x["i"]), 2, 1.5), "pad_value 1.5 does not fit int64"),
    (lambda x: t.to_dense(t.to_lists(x["f"]), 2, 16777217), "pad_value 16777217 does not fit float32"),
    (lambda x: x["f"] * 1e39, "1e+39 does not fit float32"),
    (lambda x: x["u"] + 300, "300 does not fit uint8"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_constants_that_do_not_fit_are_refused(function: Callable[[Any], Any], message: str) -> None:
    batch = pa.record_batch({"i": [1], "s": ["a"], "f": floats([1]), "u": pa.array([1], pa.uint8())})
    with pytest.raises(hr.HeadraceError) as caught:
        t.analyze(lambda x: {"y": function(x)}, [batch])
    assert message in str(caught.value)
    assert caught.value.hint


RANKED: dict[str, Callable[[Any], Any]] = {
    "bucketize": lambda x: t.bucketize(x["x"], 4),
    "quantiles": lambda x: x["x"] > t.quantiles(x["x"], 2),
    "interpolation": lambda x: t.apply_buckets_with_interpolation(x["x"], t.quantiles(x["x"], 4)),
    "gaussian": lambda x: t.scale_to_gaussian(x["x"]),
    "gaussian per key": lambda x: t.scale_to_gaussian_per_key(x["x"], x["key"]),
    "density": lambda x: t.estimated_probability_density(x["x"], boundaries=4),
    "per key": lambda x: t.bucketize_per_key(x["x"], x["key"], 4),
    "weighted": lambda x: x["x"] > t.quantiles(x["x"], 2, weights=x["weight"]),
    "histogram": lambda x: x["weight"] > t.histogram(x["x"], 4)[0],
    "covariance": lambda x: t.reshape(x["weight"], (1, 1)) > t.covariance(t.reshape(x["x"], (1,))),
    "principal components": lambda x: t.reshape(x["weight"], (1, 1)) > t.pca(t.reshape(x["x"], (1,)), 1),
}


@pytest.mark.parametrize("function", RANKED.values(), ids=RANKED)
@pytest.mark.parametrize("dtype", ["int64", "uint64"])
def test_ranks_and_products_of_integers_that_float64_rounds_are_refused(function: Any, dtype: str) -> None:
    ids = np.arange(2**62, 2**62 + 8, dtype=dtype)
    batch = pa.record_batch({"x": ids, "key": ["a", "b"] * 4, "weight": np.ones(8)})
    with pytest.raises(
        SchemaError, match=r"feature '.*x.*': expected integers up to 2\*\*53 .*; subtract an integer"
    ):
        t.analyze(lambda x: {"y": function(x)}, [batch])


def test_buckets_of_distances_from_the_smallest_integer_are_exact() -> None:
    ids = np.arange(2**62, 2**62 + 100)
    found = run(lambda x: t.bucketize(x["x"] - t.min(x["x"]), 4), x=ids)
    assert found == [min((place + 1) // 25, 3) for place in range(100)]


def test_ranks_of_integers_up_to_2_to_the_53rd_are_exact() -> None:
    top = np.arange(2**53 - 99, 2**53 + 1)
    expected = [min((place + 1) // 25, 3) for place in range(100)]
    assert run(lambda x: t.bucketize(x["x"], 4), x=top) == expected
    assert run(lambda x: t.bucketize(x["x"], 4), x=-top[::-1]) == expected
