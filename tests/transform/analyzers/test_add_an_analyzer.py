"""A new analyzer takes one new file: it is registered, computed, cached, saved, and tested by the suite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).with_name("example_geometric_mean.py")
PLACE = "transform/analyzers/geometric_mean.py"

ANALYZE = """
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
from pathlib import Path
from headrace.transform.analyzers.geometric_mean import geometric_mean
folder = Path({folder!r})
for number, values in enumerate(([1.0, 2.0, -1.0], [4.0, float("nan")])):
    pq.write_table(pa.table({{"x": values}}), folder / f"{{number}}.parquet")
data = headrace.Dataset.from_parquet([folder / "0.parquet", folder / "1.parquet"])
preprocess = lambda x: {{"y": x["x"] / geometric_mean(x["x"])}}
transform = headrace.transform.analyze(preprocess, data, cache_dir=folder / "cache")
assert list((folder / "cache").rglob("*.state"))
again = headrace.transform.analyze(preprocess, data, cache_dir=folder / "cache")
assert again.statistics == transform.statistics
transform.save(folder / "saved")
"""
LOAD = """
import pyarrow as pa
transform = headrace.Transform.load({folder!r} + "/saved")
assert transform(pa.record_batch({{"x": [1.0, 8.0]}}))["y"].to_pylist() == [0.5, 4.0]
"""
REGISTERED = """
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.serializable import deserialize, serialize
import headrace.transform
stored = {"is": "GeometricMean", "in": "headrace.transform.analyzers.geometric_mean"}
assert serialize(deserialize(stored)) == stored
from tests.conformance.analyzer_cases import CASES
print(*(set(Analyzer.registry) - set(CASES)))
"""


def test_an_analyzer_in_a_new_file_is_computed_cached_saved_and_loaded(
    package_copy: Any, tmp_path: Path
) -> None:
    package_copy.add(EXAMPLE, PLACE)
    folder = tmp_path / "data"
    folder.mkdir()
    package_copy.run(ANALYZE.format(folder=str(folder)))
    package_copy.run(LOAD.format(folder=str(folder)))


def test_the_conformance_suite_asks_for_cases_of_the_analyzer(package_copy: Any) -> None:
    package_copy.add(EXAMPLE, PLACE)
    assert package_copy.run(REGISTERED) == "geometric_mean", (
        "test_every_analyzer_has_cases fails without cases"
    )
