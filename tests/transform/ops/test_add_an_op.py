"""A new op takes one new file: it is registered, saved, loaded, lowered to ONNX, and tested by the suite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).with_name("example_softsign.py")
PLACE = "transform/ops/numbers/softsign.py"

SAVE = """
import pyarrow as pa
from headrace.transform.ops.numbers.softsign import softsign
batch = pa.record_batch({{"x": [-1.0, 0.0, 3.0]}})
headrace.transform.analyze(lambda x: {{"y": softsign(x["x"])}}, [batch]).save({saved!r})
"""
LOAD_AND_LOWER = """
import onnxruntime, pyarrow as pa
transform = headrace.Transform.load({saved!r})
batch = pa.record_batch({{"x": [-1.0, 0.0, 3.0]}})
assert transform(batch)["y"].to_pylist() == [-0.5, 0.0, 0.75]
session = onnxruntime.InferenceSession(transform.to_onnx().SerializeToString())
assert session.run(["y"], {{"x": batch["x"].to_numpy()}})[0].tolist() == [-0.5, 0.0, 0.75]
"""
CONFORM = """
from headrace.columns import ColumnType
from headrace.transform.graph.op import Op
from tests.conformance.cases import CASES, Case
from tests.conformance.inputs import drawn
from tests.conformance.measure import prepare
missing = {name for name, op in Op.registry.items() if not op.encoding} - set(CASES)
assert missing == {"softsign"}, "an op without cases fails test_every_op_has_cases"
CASES["softsign"] = [Case(Op.registry["softsign"](), (ColumnType("float32"),))]
(prepared,) = prepare("softsign", None)
for runtime, comparison in prepared.measure(drawn(1)).items():
    assert comparison.values > 100 and not comparison.mismatches, comparison.first
    print(runtime)
"""


def test_an_op_in_a_new_file_is_saved_loaded_and_lowered(package_copy: Any, tmp_path: Path) -> None:
    package_copy.add(EXAMPLE, PLACE)
    saved = str(tmp_path / "saved")
    package_copy.run(SAVE.format(saved=saved))
    package_copy.run(LOAD_AND_LOWER.format(saved=saved))


def test_the_conformance_suite_asks_for_cases_of_the_op_and_runs_them(package_copy: Any) -> None:
    package_copy.add(EXAMPLE, PLACE)
    assert package_copy.run(CONFORM).split("\n") == ["torch", "onnxruntime", "saved and loaded"]
