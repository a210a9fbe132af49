"""Sessions look up the names of thousands of inputs in linear time, and survive Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import numpy as np
import pytest
from onnx import TensorProto, helper

from headrace.serving.session import Session, make_options

_INPUTS = 400


class _CountedName(str):
    """A name that counts how often it is compared."""

    __slots__ = ()
    comparisons = 0

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        _CountedName.comparisons += 1
        return str.__eq__(self, other)


@pytest.fixture
def session() -> Session:
    names = [f"x{place}" for place in range(_INPUTS)]
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows"]) for name in names]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows"])
    graph = helper.make_graph([helper.make_node("Sum", names, ["y"])], "sum", inputs, [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return Session(model.SerializeToString(), make_options(1), providers=["CPUExecutionProvider"])


def test_each_name_is_compared_once(session: Session) -> None:
    feeds = {_CountedName(f"x{place}"): np.ones(2, np.float32) for place in range(_INPUTS)}
    _CountedName.comparisons = 0
    (found,) = session.run(None, feeds)
    assert np.asarray(found).tolist() == [_INPUTS, _INPUTS]
    assert _CountedName.comparisons <= 2 * _INPUTS


def test_a_missing_input_is_named(session: Session) -> None:
    with pytest.raises(ValueError, match="x7"):
        session.run(None, {f"x{place}": np.ones(2, np.float32) for place in range(_INPUTS) if place != 7})


class _Pressed:
    """A value in whose conversion to a string Ctrl-C comes."""

    def __str__(self) -> str:
        signal.raise_signal(signal.SIGINT)
        return "b"


@pytest.fixture
def handled_ctrl_c() -> Iterator[None]:
    """The handler of a program in the foreground."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("handled_ctrl_c")
def test_ctrl_c_while_strings_are_converted_does_not_end_the_process() -> None:
    x = helper.make_tensor_value_info("x", TensorProto.STRING, ["rows"])
    y = helper.make_tensor_value_info("y", TensorProto.STRING, ["rows"])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "copy", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    text = Session(model.SerializeToString(), make_options(1), providers=["CPUExecutionProvider"])
    rows = np.array(["a"] * 1000, object)
    assert np.asarray(text.run(None, {"x": rows})[0]).tolist() == rows.tolist()
    rows[500] = _Pressed()
    with pytest.raises(KeyboardInterrupt):
        text.run(None, {"x": rows})
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
