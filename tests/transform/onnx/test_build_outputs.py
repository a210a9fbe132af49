"""Models of many outputs are those of `spox.build`."""

from __future__ import annotations

import numpy as np
import spox
import spox.opset.ai.onnx.v21 as op

from headrace.transform.onnx.build_outputs import build_outputs


def _argument(dtype: type, *shape: str | int) -> spox.Var:
    return spox.argument(spox.Tensor(np.dtype(dtype), ("rows", *shape)))


def test_the_model_is_the_one_that_spox_builds() -> None:
    inputs = {"a": _argument(np.float64), "b": _argument(np.str_, 3), "c": _argument(np.int64, "width")}
    total = op.add(inputs["a"], op.const(1.0))
    outputs = {
        "sum": total,
        "word": op.identity(inputs["b"]),
        "same": total,
        "input": inputs["c"],
        "constant": op.const(np.array([True, False])),
        "truth": op.less(inputs["a"], total),
    }
    expected = spox.build(inputs, outputs)
    assert build_outputs(inputs, outputs) == expected
    assert [each.name for each in expected.graph.output] == list(outputs)


def test_one_output() -> None:
    inputs = {"a": _argument(np.float32)}
    outputs = {"b": op.identity(inputs["a"])}
    assert build_outputs(inputs, outputs) == spox.build(inputs, outputs)


def test_outputs_that_are_constants() -> None:
    outputs = {"words": op.const(np.array(["a", "b"])), "number": op.const(2.5)}
    assert build_outputs({}, outputs) == spox.build({}, outputs)
