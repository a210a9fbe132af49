from __future__ import annotations

import sys

import pyarrow as pa
import pytest

import headrace as hr
from headrace import transform as t
from headrace.transform.engines import find_engine
from headrace.transform.engines.local import LocalEngine


def test_an_engine_is_found_by_name_or_used_itself() -> None:
    assert find_engine("local") == LocalEngine()
    engine = LocalEngine()
    assert find_engine(engine) is engine


def test_an_unknown_engine_is_a_usage_error() -> None:
    with pytest.raises(hr.UsageError, match="unknown engine 'flink'; choose one of local, beam, spark"):
        t.analyze(lambda x: {"y": x["x"]}, [pa.record_batch({"x": [1.0]})], engine="flink")


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("headrace.transform.engines.spark")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(hr.UsageError, match=r"needs the package pyspark; pip install 'headrace\[spark\]'"):
        find_engine("spark")
