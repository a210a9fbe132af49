from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

import headrace as hr
from headrace import transform as t
from headrace.columns import ColumnType
from headrace.transform.graph.op import ElementwiseOp, Op
from headrace.transform.tracing.column import apply
from headrace.transform.tracing.trace import trace

SCHEMA = pa.schema(
    {
        **{
            name: getattr(pa, name)()
            for name in ("uint8", "uint16", "uint32", "uint64", "float32", "float64")
        },
        **{name: getattr(pa, name)() for name in ("int8", "int16", "int32", "int64", "float16")},
        "bool": pa.bool_(),
        "city": pa.string(),
        "words": pa.list_(pa.string()),
        "counts": pa.list_(pa.int64()),
        "image": pa.list_(pa.uint8(), 4),
        "day": pa.date32(),
        "span": pa.duration("s"),
    }
)
NUMBERS = ["bool", "uint8", "int8", "int16", "int32", "int64", "float32", "float64"]


def traced(function: Callable[[Any], Any]) -> hr.transform.Column:
    columns: list[hr.transform.Column] = []
    trace(lambda x: {"y": columns.append(function(x)) or columns[0]}, SCHEMA)
    return columns[0]


def type_of(function: Callable[[Any], Any]) -> str:
    return str(traced(function).type)


def torch_dtype(*operands: Any) -> str:
    return str(torch.result_type(*operands)).removeprefix("torch.")


def keeps_digits(dtype: str, *operands: str) -> str:
    """Integers of 32 and 64 bits with floats become float64; all else is torch's rule."""
    return "float64" if dtype == "float32" and {"int32", "int64"} & set(operands) else dtype


@pytest.mark.parametrize("second", NUMBERS)
@pytest.mark.parametrize("first", NUMBERS)
def test_two_columns_promote_as_in_torch_but_integers_keep_their_digits(first: str, second: str) -> None:
    expected = torch_dtype(
        torch.zeros(1, dtype=getattr(torch, first)), torch.zeros(1, dtype=getattr(torch, second))
    )
    expected = keeps_digits(expected, first, second)
    if expected == "bool":
        with pytest.raises(hr.TraceError, match="add expects numbers, got booleans"):
            type_of(lambda x: x[first] + x[second])
    else:
        assert type_of(lambda x: x[first] + x[second]) == expected
    assert type_of(lambda x: t.where(x["bool"], x[first], x[second])) == expected


@pytest.mark.parametrize("number", [1, 0.5, True])
@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_and_a_column_promote_as_in_torch_but_integers_keep_their_digits(
    name: str, number: float
) -> None:
    expected = keeps_digits(torch_dtype(torch.zeros(1, dtype=getattr(torch, name)), number), name)
    if expected != "bool":
        assert type_of(lambda x: x[name] * number) == expected
        assert type_of(lambda x: number * x[name]) == expected


def test_division_gives_floats_and_comparison_booleans() -> None:
    assert type_of(lambda x: x["int64"] / x["uint8"]) == "float64"
    assert type_of(lambda x: x["int16"] / x["uint8"]) == "float32"
    assert type_of(lambda x: x["int64"] / x["float64"]) == "float64"
    assert type_of(lambda x: 1 / x["float64"]) == "float64"
    for compare in (lambda a, b: a < b, lambda a, b: a <= b, lambda a, b: a > b, lambda a, b: a >= b):
        assert type_of(lambda x, compare=compare: compare(x["int64"], x["float32"])) == "bool"
    assert type_of(lambda x: x["city"] == "Rome") == "bool"
    assert type_of(lambda x: x["words"] != "Rome") == "list<bool>"


def test_a_statistic_takes_the_type_of_the_column() -> None:
    assert type_of(lambda x: x["float32"] - t.mean(x["float32"])) == "float32"
    assert type_of(lambda x: x["float64"] - t.mean(x["float32"])) == "float64"
    assert type_of(lambda x: x["int16"] - t.mean(x["int64"])) == "float32"
    assert type_of(lambda x: x["int64"] - t.mean(x["int64"])) == "float64"
    assert type_of(lambda x: x["uint64"] - t.min(x["uint64"])) == "float64"
    assert type_of(lambda x: t.where(x["bool"], x["uint8"], t.max(x["int64"]))) == "int64"


def test_float16_is_read_as_float32() -> None:
    assert type_of(lambda x: x["float16"]) == "float32"


def test_rows_of_different_shapes_broadcast_per_row() -> None:
    batch = pa.record_batch(
        {"image": pa.array([[1, 2], [3, 4]], pa.list_(pa.float32(), 2)), "scale": pa.array([10.0, 100.0])}
    )
    frozen = t.analyze(
        lambda x: {"y": x["image"] * x["scale"], "m": x["scale"] - t.mean(x["image"], False)}, [batch]
    )
    assert frozen(batch).to_pydict() == {"y": [[10, 20], [300, 400]], "m": [[8, 7], [98, 97]]}


def test_numpy_numbers_and_arrays_may_stand_on_either_side() -> None:
    batch = pa.record_batch({"x": pa.array([[1, 2], [3, 4]], pa.list_(pa.int64(), 2))})
    frozen = t.analyze(
        lambda x: {
            "left": np.float64(2.5) * x["x"],
            "right": x["x"] + np.array([10, 20]),
            "less": np.array([3, 3]) > x["x"],
            "unequal": np.int64(3) != x["x"],
        },
        [batch],
    )
    assert frozen(batch).to_pydict() == {
        "left": [[2.5, 5.0], [7.5, 10.0]],
        "right": [[11, 22], [13, 24]],
        "less": [[True, True], [False, False]],
        "unequal": [[True, True], [False, True]],
    }


def loop(x: Any) -> Any:
    return [each for each in x["float32"]]  # noqa: C416


def branch(x: Any) -> Any:
    return x["float32"] if x["float32"] > 3 else x["float64"]


# Each is one line long, so that its first line is the line an error must name.
REFUSED: list[tuple[Callable[[Any], Any], str]] = [
    (branch, "branching on a column needs its values"),
    (loop, "looping over a column"),
    (lambda x: len(x["float32"]), "taking the length of a column"),
    (lambda x: float(x["float32"]), "converting a column to a number"),
    (lambda x: int(x["float32"]), "converting a column to a number"),
    (lambda x: range(x["int64"]), "converting a column to a number"),
    (lambda x: math.log(x["float32"]), "converting a column to a number"),
    (lambda x: np.log(x["float32"]), "calling numpy.log on a column"),
    (lambda x: np.add.reduce(x["float32"]), "calling numpy.add on a column"),
    (lambda x: np.where(x["bool"], 1, 2), "calling numpy.where on a column"),
    (lambda x: np.concatenate([x["int64"], x["int64"]]), "calling numpy.concatenate on a column"),
    (lambda x: torch.log(x["float32"]), "calling torch.log on a column"),
    (lambda x: x["bool"] and x["bool"], "branching on a column needs its values"),
    (lambda x: x["bool"] or x["bool"], "&, | and ~ for and, or and not"),
    (lambda x: not x["bool"], "branching on a column needs its values"),
    (lambda x: 0 < x["float32"] < 1, "branching on a column needs its values"),
    (lambda x: max(x["float32"], x["float64"]), "branching on a column needs its values"),
    (lambda x: x["city"] in ["Rome", "Oslo"], "branching on a column needs its values"),
    (lambda x: [n for n in range(3) if x["int64"]], "use hr.transform.where for if"),
    (lambda x: x["city"] in {"Rome", "Oslo"}, "looking up a column needs its values"),
    (lambda x: {"Rome": 1}[x["city"]], "use hr.transform.isin or lookup"),
    (lambda x: [1, 2][x["int64"]], "use hr.transform.lookup"),
    (lambda x: "o" in x["city"], "searching a column needs its values"),
    (lambda x: x["city"][0], "indexing a column needs its values"),
    (lambda x: x["image"][1:], "indexing a column needs its values"),
    (lambda x: [*x["words"]], "looping over a column"),
    (lambda x: round(x["float32"]), "use hr.transform.round"),
    (lambda x: math.floor(x["float32"]), "converting a column to a number"),
    (lambda x: str.format("{:.2f}", x["float32"]), "formatting a column"),
    (lambda x: f"{x['float32']:.2f}", "use hr.transform.as_string"),
    (lambda x: x[0], "unknown column '0'"),
    (
        lambda x: x["float32"] - t.mean(t.max(x["float32"])),
        "mean expects a column, got max(float32), which is the same",
    ),
    (
        lambda x: t.mean(x["float32"], weights=t.max(x["float32"])),
        "expected a column of weights",
    ),
    (lambda x: np.asarray(x["float32"]), "calling NumPy on a column"),
    (lambda x: x["float32"] + "a", "expected a column or a number, got 'a'"),
    (lambda x: x["float32"] == None, "expected a column or a number, got None"),  # noqa: E711
    (lambda x: x["float32"] + 2**70, "expected a column or a number, got 1180591620717411303424"),
    (lambda x: x["float32"] == "a", "cannot compare a column of float32 with the string 'a'"),
    (lambda x: x["city"] + 1, "add expects numbers, got string"),
    (lambda x: x["city"] < x["city"], "less expects numbers"),
    (lambda x: x["uint8"] + 300, "300 does not fit uint8"),
    (lambda x: -x["uint8"], "-1 does not fit uint8"),
    (lambda x: x["uint64"] + 1, "add: no runtime computes with uint64"),
    (lambda x: x["uint64"] + x["int64"], "no common integer type"),
    (lambda x: x["counts"] + x["int64"], "columns of list<int64> and int64"),
    (lambda x: x["image"] + np.ones(3), "add cannot broadcast columns of float32[4] and float32[3]"),
    (lambda x: t.sqrt(x["city"]), "sqrt expects floats, got string"),
    (lambda _: t.sqrt(2.0), "x: expected a column, got 2.0 (float)"),
    (lambda x: t.mean(x["city"]), "mean expects numbers, got string"),
    (lambda x: t.mean(x["counts"], reduce_instance_dims=False), "mean by place expects rows of fixed length"),
    (lambda x: t.quantiles(x["float32"], 1), "expected at least 2 buckets, got 1"),
    (lambda x: t.vocabulary(x["float32"]), "vocabulary expects strings, got float32"),
    (lambda x: t.tokenize(x["words"]), "tokenize expects one string per row, got list<string>"),
    (lambda x: t.tokenize(x["city"], characters="^a"), "expected ASCII characters and ranges, got '^a'"),
    (lambda x: t.tokenize(x["city"], characters="z-a"), "expected ASCII characters and ranges, got 'z-a'"),
    (lambda x: t.tokenize(x["city"], characters="é"), "expected ASCII characters and ranges, got 'é'"),
    (lambda x: t.hash_strings(x["city"], 0), "expected 1 to 2**31 - 1 buckets, got 0"),
    (lambda x: t.hash_strings(x["float32"], 3), "hash_strings expects strings, got float32"),
    (lambda x: t.apply_vocabulary(x["city"], ["a", "a"]), "a vocabulary with a string twice"),
    (
        lambda x: t.apply_vocabulary(x["city"], "v.txt"),
        "vocabulary: expected a list, got 'v.txt'",
    ),
    (lambda x: t.apply_vocabulary(x["city"], [1]), "expected strings, got [1]"),
    (lambda x: t.apply_buckets(x["float32"], [3, 1]), "expected increasing bucket boundaries, got [3, 1]"),
    (lambda x: t.apply_buckets(x["city"], [1]), "apply_buckets expects numbers, got string"),
    (lambda x: t.cast(x["city"], "int64"), "cannot cast strings to numbers"),
    (lambda x: t.cast(x["int64"], "complex64"), "unknown dtype 'complex64'"),
    (lambda x: t.one_hot(x["float32"], 3), "one_hot expects rows of integers, got float32"),
    (lambda x: t.one_hot(x["int64"], 0), "expected a depth of at least 1, got 0"),
    (lambda x: t.reshape(x["image"], (3,)), " to [3]"),
    (lambda _: t.concatenate([]), "concatenate expects at least one column"),
    (lambda x: t.concatenate([x["counts"]]), "concatenate expects numbers in at most one dimension"),
    (lambda x: t.is_missing(t.string_length(x["city"])), "a column of int64 cannot mark a value as missing"),
    (lambda x: t.fill_missing(x["float32"], "a"), "cannot fill a column of float32 with the string 'a'"),
    (lambda x: t.fill_missing(x["city"], 1.0), "cannot fill a string column with a number"),
    (lambda x: t.where(x["city"], 1, 2), "cannot cast strings to numbers"),
    (lambda x: t.scale_by_min_max(x["float32"], 1, 0), "expected output_min < output_max, got 1 and 0"),
    (lambda x: x["span"], "Arrow type duration"),
]


@pytest.mark.parametrize(("function", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_refusals_name_the_users_line(function: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(hr.HeadraceError) as caught:
        trace(lambda x: {"y": function(x)}, SCHEMA)
    lines, first = inspect.getsourcelines(function)
    assert message in str(caught.value)
    assert caught.value.path == __file__
    assert caught.value.line in range(first, first + len(lines))
    assert caught.value.hint


def test_an_unknown_column_suggests_similar_names() -> None:
    with pytest.raises(hr.SchemaError, match=r"unknown column 'int65'; did you mean .*int64") as caught:
        trace(lambda x: {"y": x["int65"]}, SCHEMA)
    assert caught.value.path == __file__
    assert caught.value.line == inspect.currentframe().f_lineno - 2  # pyright: ignore[reportOptionalMemberAccess]


def test_inputs_support_in() -> None:
    seen: list[Any] = []
    trace(lambda x: seen.extend(["city" in x, "town" in x, "city" in list(x)]) or {"y": x["city"]}, SCHEMA)
    assert seen == [True, False, True]


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (lambda x: x["int64"], "returned Column"),
        (lambda x: [x["int64"]], "returned list"),
        (lambda _: None, "returned NoneType"),
        (lambda _: {}, "returned dict"),
        (lambda _: {"y": 3}, "output 'y' is a int"),
        (lambda x: {3: x["int64"]}, "the name of output 3 is not a string"),
        (lambda x: {"y": t.mean(x["int64"])}, "output 'y' is a statistic"),
        (lambda x: {"y": t.sqrt(t.mean(x["int64"])) + 1}, "output 'y' is a statistic"),
    ],
)
def test_a_function_must_return_a_dict_of_columns(outputs: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(hr.TraceError, match=message) as caught:
        trace(outputs, SCHEMA)
    assert (caught.value.path, caught.value.line) == (__file__, outputs.__code__.co_firstlineno)


def test_a_column_has_a_repr_and_inputs_have_get() -> None:
    seen: list[str] = []
    trace(lambda x: seen.append(f"{x['int64'] + 1} {x['city']!r}") or {"y": x["city"]}, SCHEMA)
    assert seen == ["<int64 column add(int64, 1)> <string column city>"]
    trace(lambda x: {"y": x.get("city"), "z": x.get("town", x["int64"])}, SCHEMA)


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        (lambda x: x["city"].lower(), "use hr.transform.lower"),
        (lambda x: x["float32"].mean(), "use hr.transform.mean"),
        (lambda x: x["float32"].fillna(0), "use functions of hr.transform"),
    ],
)
def test_missing_methods_suggest_functions(function: Any, hint: str) -> None:
    with pytest.raises(AttributeError, match=hint):
        trace(lambda x: {"y": function(x)}, SCHEMA)
    assert not hasattr(traced(lambda x: x["city"]), "lower")
    assert copy.copy(traced(lambda x: x["city"])).type == traced(lambda x: x["city"]).type


@pytest.fixture
def fresh_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Op, "registry", dict(Op.registry))


@pytest.mark.usefixtures("fresh_registry")
def test_an_op_without_an_onnx_lowering_is_refused_when_it_is_used() -> None:
    @dataclass(frozen=True)
    class Unlowered(Op):
        def infer(self, *types: ColumnType) -> ColumnType:
            return types[0]

        def evaluate(self, *values: Any) -> Any:
            return values[0]

    with pytest.raises(
        hr.TraceError, match=r"unlowered has no ONNX lowering.*; implement Unlowered\.lower"
    ) as caught:
        trace(lambda x: {"y": apply(Unlowered(), x["int64"])}, SCHEMA)
    assert caught.value.path == __file__
    assert caught.value.line == inspect.currentframe().f_lineno - 2  # pyright: ignore[reportOptionalMemberAccess]


@pytest.mark.usefixtures("fresh_registry")
def test_a_failed_lowering_names_the_feature_and_the_users_line(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Fragile(ElementwiseOp):
        def infer(self, *types: ColumnType) -> ColumnType:
            return types[0]

        def compute(self, xp: Any, *arrays: Any) -> Any:  # noqa: ARG002
            if "ndonnx" in type(arrays[0]).__module__:
                raise ValueError("out of order")
            return arrays[0]

    def preprocess(x: Any) -> Any:
        broken = apply(Fragile(), x["x"])
        return {"fine": x["x"] + 1, "doubled": broken * 2}

    line = inspect.getsourcelines(preprocess)[1] + 1
    frozen = t.analyze(preprocess, [pa.record_batch({"x": [1.0]})])
    with pytest.raises(
        hr.TraceError, match=r"fragile\(x\) could not be lowered to ONNX \(out of order\)"
    ) as caught:
        frozen.to_onnx(tmp_path / "model.onnx")
    assert (caught.value.feature, caught.value.path, caught.value.line) == ("doubled", __file__, line)
    assert caught.value.hint
    assert not any(tmp_path.iterdir())
    frozen.select(["fine"]).to_onnx(tmp_path / "model.onnx")


def test_errors_of_the_function_itself_pass_through() -> None:
    with pytest.raises(ZeroDivisionError):
        trace(lambda x: {"y": x["int64"] + 1 // 0}, SCHEMA)


def test_two_ops_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Op, "registry", dict(Op.registry))
    with pytest.raises(TypeError, match="two ops are named 'add'"):
        type("Add", (Op,), {})


def test_an_unusable_arrow_type_names_the_feature() -> None:
    with pytest.raises(hr.SchemaError) as caught:
        trace(lambda x: {"y": x["span"]}, SCHEMA)
    assert caught.value.feature == "span"
