"""Arguments of the transform's functions: another type is refused in one line that names the argument."""

import inspect
import pickle
import typing
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import headrace as hr
from headrace.errors import HeadraceError, UsageError
from headrace.transform.graph.op import Op
from headrace.transform.graph.parameters import check_fields
from headrace.transform.tracing import Column
from headrace.transform.tracing.trace import trace

t = hr.transform
FUNCTIONS = sorted({*t.__all__} - {"Column", "Plan", "Transform", "analyze", "plan"})
SCHEMA = pa.schema({"x": pa.float32(), "words": pa.list_(pa.string()), "image": pa.list_(pa.uint8(), 4)})
INVALID: dict[Any, list[Any]] = {
    int: [12.5, True, np.float64(2), np.True_, None, "3", [3], np.array([1, 2]), float("nan")],
    float: [True, np.True_, None, "3", [3.0], 1j],
    bool: [1, 0.0, None, "no", np.array([True, False])],
    str: [3, None, b"x", True, ["a"]],
    Column: [12.5, None, "x", np.array([1, 2]), True],
}
VALID: dict[Any, Any] = {int: 2, float: 1.0, bool: True, str: "a", tuple[int, int]: (1, 2)}


def hints(name: str) -> dict[str, Any]:
    return {key: kind for key, kind in typing.get_type_hints(getattr(t, name)).items() if key != "return"}


def cases() -> list[tuple[str, str]]:
    return [(name, key) for name in FUNCTIONS for key, kind in hints(name).items() if kind in INVALID]


def call(name: str, replaced: dict[str, Any], x: Column) -> Any:
    function = getattr(t, name)
    parameters = inspect.signature(function).parameters.values()
    required = [each for each in parameters if each.default is each.empty]
    kinds = hints(name)
    given = {each.name: VALID.get(kinds[each.name], x) for each in required}
    given |= {each: [x] for each in given if kinds[each] == Sequence[Column]}
    return function(**{**given, **replaced})


@pytest.mark.parametrize(("name", "argument"), cases())
def test_a_float_bool_or_none_is_refused_by_the_name_of_the_argument(name: str, argument: str) -> None:
    def preprocess(x: Any) -> Any:
        for value in INVALID[hints(name)[argument]]:
            with pytest.raises(HeadraceError, match=rf"^({argument}: expected|expected a column)") as caught:
                call(name, {argument: value}, x["x"])
            assert "\n" not in str(caught.value)
        return {"x": x["x"]}

    trace(preprocess, SCHEMA)


def test_every_annotation_can_be_resolved() -> None:
    assert all(hints(name) for name in FUNCTIONS)
    assert all(typing.get_type_hints(op) is not None for op in Op.registry.values())


def test_numpy_s_integers_are_integers_and_become_python_s() -> None:
    batch = pa.record_batch({"x": [1.0, 2.0, 3.0, 4.0]})
    expected = t.analyze(lambda x: {"x": t.bucketize(x["x"], 2)}, [batch])
    found = t.analyze(lambda x: {"x": t.bucketize(x["x"], np.int64(2))}, [batch])
    assert found(batch) == expected(batch)
    assert type(check_fields(Op.registry["one_hot"](np.int32(3))).depth) is int


def test_the_parameters_of_a_stored_graph_are_checked_too(tmp_path: Any) -> None:
    transform = t.analyze(lambda x: {"y": t.one_hot(x["y"], 3)}, [pa.record_batch({"y": [1]})])
    transform.save(tmp_path / "t")
    stored = (tmp_path / "t" / "graph.json").read_text()
    (tmp_path / "t" / "manifest.json").unlink()
    (tmp_path / "t" / "graph.json").write_text(stored.replace('"depth": 3', '"depth": 3.5'))
    with pytest.raises(HeadraceError, match=r"depth: expected an integer, got 3\.5"):
        t.Transform.load(tmp_path / "t")


def test_functions_keep_their_name_and_can_be_pickled() -> None:
    assert all(pickle.loads(pickle.dumps(getattr(t, name))) is getattr(t, name) for name in FUNCTIONS)
    with pytest.raises(TypeError, match="sqrt"):
        t.sqrt()  # type: ignore[call-arg]


def test_what_analyze_needs_is_a_function() -> None:
    with pytest.raises(UsageError, match=r"preprocess: expected a function, got 3 \(int\)"):
        t.analyze(3, [pa.record_batch({"x": [1]})])  # type: ignore[arg-type]
