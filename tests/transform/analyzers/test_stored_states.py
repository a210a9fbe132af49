"""Stored forms of earlier versions are still read: analyzers in graph JSON, cache keys, and states."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.graph.serializable import deserialize, serialize

GOLDEN = Path(__file__).parents[2] / "golden" / "analyzers.json"  # made by tools/make_golden_analyzers.py
STORED: list[dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))

every_case = pytest.mark.parametrize("stored", STORED, ids=lambda stored: stored["name"])


def test_the_golden_file_covers_every_analyzer_of_its_version() -> None:
    names = {stored["name"] for stored in STORED}
    assert names <= set(Analyzer.registry)
    assert len(names) == 20


@every_case
def test_a_stored_analyzer_is_read_and_written_unchanged(stored: dict[str, Any]) -> None:
    analyzer = deserialize(stored["analyzer"])
    assert isinstance(analyzer, Analyzer)
    assert serialize(analyzer) == stored["analyzer"]


@every_case
def test_an_accumulator_keeps_its_description_in_cache_keys(stored: dict[str, Any]) -> None:
    accumulator = deserialize(stored["analyzer"]).accumulator
    assert json.dumps(serialize(accumulator)) == json.dumps(stored["accumulator"])
    assert deserialize(stored["accumulator"]) == accumulator


@every_case
def test_a_stored_state_yields_its_statistic_and_its_bytes(stored: dict[str, Any]) -> None:
    analyzer = deserialize(stored["analyzer"])
    accumulator: Accumulator = analyzer.accumulator
    data = base64.b64decode(stored["state"])
    assert accumulator.dump(accumulator.load(data)) == data
    found = analyzer.result(accumulator.load(data))
    if isinstance(found, pa.Array):
        assert found.to_pylist() == stored["result"]
        return
    shape, dtype, numbers = stored["result"]
    assert (list(found.shape), str(found.dtype)) == (shape, dtype)
    expected = np.array([float(number) for number in numbers]).reshape(shape)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
