"""Every op gives identical values on NumPy, torch, ONNX Runtime, in a browser, and after a round trip."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.columns import ColumnType
from headrace.transform.graph.op import Op

from .cases import CASES
from .comparison import Comparison
from .inputs import drawn
from .measure import prepare
from .runtimes import graph_of, on_numpy
from .web import Browser

TEXT = ColumnType("string")
STRINGS = ["", "a", "B\u0130\u03a3", "two words", "\U0001f600\0x", "caf\u00e9 " * 40, "a", "-7"]


def test_every_op_has_cases() -> None:
    decoders = {name for name, op in Op.registry.items() if op.encoding}  # fed decoded; see test_images.py
    assert set(CASES) == set(Op.registry) - decoders
    assert all(CASES.values())


@pytest.mark.parametrize("name", sorted(CASES))
def test_an_op_agrees_between_runtimes(name: str, any_browser: Browser | None, record_property: Any) -> None:
    totals: dict[str, Comparison] = {}
    draws = drawn(2)
    for prepared in prepare(name, any_browser):
        for runtime, comparison in prepared.measure(draws).items():
            assert not comparison.mismatches, comparison.first
            totals[runtime] = totals.get(runtime, Comparison()) + comparison
    for runtime, total in totals.items():
        record_property(f"compared with {runtime}", total.values)


@pytest.mark.parametrize("name", sorted(name for name, op in Op.registry.items() if op.per_string))
def test_dictionary_encoded_strings_give_the_same_values(name: str) -> None:
    indices = pa.array(np.random.default_rng(0).integers(0, len(STRINGS), 100, np.int32))
    encoded = pa.DictionaryArray.from_arrays(indices, pa.array(STRINGS)).slice(3)
    cases = [case for case in CASES[name] if case.inputs[0] == TEXT]
    assert cases
    for case in cases:
        graph = graph_of(case)
        found, plain = (on_numpy(graph, {"x0": x}) for x in (encoded, encoded.dictionary_decode()))
        assert pa.array(found).equals(pa.array(plain))
