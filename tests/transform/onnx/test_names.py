"""Columns of any names stand in one ONNX file beside the values inside the model."""

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headrace as hr
from headrace.errors import SchemaError

t = hr.transform
NUMBERS = pa.array([1.0, 2.5])
INSIDE = ["Identity_0_output", "Mul_0_C", "Mul_1_C", "Constant_0_output", "input 0", "output 0", "rows"]
NAMES = st.one_of(
    st.sampled_from(["x", "x.out", "x.out.out", "x.out.out.out", *INSIDE]),
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=4),
)


def convert(names: list[str], factor: float = 2.0) -> onnxruntime.InferenceSession:
    batch = pa.record_batch([NUMBERS] * len(names), names=names)
    transform = t.analyze(lambda x: {name: x[name] * factor for name in names}, [batch])
    return onnxruntime.InferenceSession(transform.to_onnx().SerializeToString())


def check(names: list[str]) -> list[str]:
    session = convert(names)
    assert [each.name for each in session.get_inputs()] == names
    feeds = {name: np.array([place, 2.5]) for place, name in enumerate(names)}
    found = session.run(None, feeds)
    assert [each.tolist() for each in found] == [[2 * place, 5.0] for place in range(len(names))]
    outputs = [each.name for each in session.get_outputs()]
    assert len({*names, *outputs}) == len(names) + len(outputs)
    return outputs


def test_x_beside_x_out() -> None:
    assert check(["x"]) == ["x.out"]
    assert check(["x", "x.out"]) == ["x.out.out", "x.out.out.out"]
    batch = pa.record_batch({"x": NUMBERS, "y": NUMBERS})
    transform = t.analyze(lambda x: {"x": x["x"] * 2, "x.out": x["y"] * 3}, [batch])
    assert [each.name for each in transform.to_onnx().graph.output] == ["x.out.out", "x.out"]


def test_names_of_values_inside_the_model() -> None:
    check(INSIDE)


@settings(max_examples=25, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_columns_of_any_names(names: list[str]) -> None:
    check(names)


def test_very_long_names() -> None:
    check(["x" * 50_000, "x" * 49_999])


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_names_that_onnx_cannot_hold(name: str) -> None:
    with pytest.raises(SchemaError, match="which ONNX cannot hold"):
        convert([name, "x"])


@pytest.mark.parametrize("other", ["x.values", "x.row_splits"])
def test_a_ragged_x_beside_x_values(other: str) -> None:
    batch = pa.record_batch({"x": pa.array([[1.0], []]), other: NUMBERS})
    transform = t.analyze(lambda x: {"a": t.row_length(x["x"]), "b": x[other] + 1}, [batch])
    with pytest.raises(SchemaError, match=f"are both named '{other}' in ONNX"):
        transform.to_onnx()
    renamed = pa.record_batch({"q": pa.array([[1.0], []]), "z": NUMBERS})
    transform = t.analyze(lambda x: {"x": x["q"] + 1, other: x["z"] + 1}, [renamed])
    with pytest.raises(SchemaError, match=f"are both named '{other}' in ONNX"):
        transform.to_onnx()


def test_duplicate_columns_in_analysis_and_evaluation() -> None:
    batch = pa.record_batch([NUMBERS, NUMBERS, NUMBERS], names=["x", "x", "y"])
    with pytest.raises(SchemaError, match="feature 'x': two columns have this name"):
        t.analyze(lambda x: {"x": x["x"] * 2}, [batch])
    unused = t.analyze(lambda x: {"y": x["y"] * 2}, [batch])
    assert unused(batch)["y"].to_pylist() == [2.0, 5.0]
    transform = t.analyze(lambda x: {"x": x["x"] * 2}, [pa.record_batch({"x": NUMBERS})])
    with pytest.raises(SchemaError, match="feature 'x': two columns have this name"):
        transform(batch)
