"""Every op, on NumPy = on torch = in onnxruntime = in a browser = after saving and loading, bit for bit."""

from __future__ import annotations

from typing import Any

import pytest

from headrace.transform.op import Op

from .cases import CASES
from .comparison import Comparison
from .inputs import drawn
from .measure import prepare
from .web import Browser


def test_every_op_has_cases() -> None:
    assert set(CASES) == set(Op.registry)
    assert all(CASES.values())


@pytest.mark.parametrize("name", sorted(Op.registry))
def test_op_is_the_same_everywhere(name: str, any_browser: Browser | None, record_property: Any) -> None:
    totals: dict[str, Comparison] = {}
    draws = drawn(2)
    for prepared in prepare(name, any_browser):
        for runtime, comparison in prepared.measure(draws).items():
            assert not comparison.mismatches, comparison.first
            totals[runtime] = totals.get(runtime, Comparison()) + comparison
    for runtime, total in totals.items():
        record_property(f"compared with {runtime}", total.values)
