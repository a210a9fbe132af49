from __future__ import annotations

import re

import pytest

from headrace.transform.graph.op import Op

from .comparison import Comparison
from .layer_cases import CASES as LAYERS
from .measure import prepare
from .runtimes import RUNTIMES, WEB
from .table import LAYER_RUNTIMES, Row, markdown, measured
from .test_layers import prepared


@pytest.mark.parametrize("name", ["row_length", "exp"])
def test_an_op_is_compared_until_the_goal_is_reached(name: str) -> None:
    few, more = (measured(name, prepare(name, None), goal) for goal in (1, 30_000))
    assert few.compared["onnxruntime"].values < more.compared["onnxruntime"].values >= 30_000
    assert more.mismatches == 0
    assert {*RUNTIMES} <= {*more.compared, *more.missing}
    assert more.allowed == (2 if name == "exp" else 0)
    assert ("torch" in more.missing) == (name == "row_length")


def test_the_table_shows_mismatches_and_reasons_for_empty_cells() -> None:
    rows = [
        Row("fine", {name: Comparison(1_234_567) for name in RUNTIMES}),
        Row("near", {name: Comparison(10, 0, 2.0) for name in RUNTIMES}, allowed=2),
        Row("skewed", {name: Comparison(10, 3) for name in RUNTIMES if name != WEB}, 0, {WEB: "no browser"}),
    ]
    _, _, fine, near, skewed, _, why = markdown("op", rows).splitlines()
    assert fine.count("1,234,567") == len(RUNTIMES)
    assert near.count("10, 2 ulp") == len(RUNTIMES)
    assert near.endswith("| 2 ulp |")
    assert skewed.count("**3 of 10 differ**") == len(RUNTIMES) - 1
    assert "- <sup>1</sup>" in skewed
    assert why == "<sup>1</sup> no browser"


def test_a_layer_is_compared_in_its_own_runtimes() -> None:
    row = measured("Rescaling", [prepared(case, None) for case in LAYERS["Rescaling"]], goal=1)
    assert {*LAYER_RUNTIMES} <= {*row.compared, *row.missing}
    assert not row.mismatches
    assert row.name in markdown("layer", [row], LAYER_RUNTIMES)


def test_the_page_lists_existing_ops_and_layers_only(request: pytest.FixtureRequest) -> None:
    page = (request.config.rootpath / "docs" / "conformance.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)` ", page, re.MULTILINE))
    assert named
    assert named <= {*Op.registry, *LAYERS}
