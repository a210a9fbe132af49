"""Every analyzer on every engine: saved transforms are identical."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.columns import ColumnType, to_arrow
from headrace.errors import ModelError
from headrace.transform.analysis.state_cache import StateCache
from headrace.transform.engines import Engine, find_engine
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.graph import Constant, Graph, Input, Node
from headrace.transform.graph.graph_json import read_graph_text, to_graph_text
from headrace.transform.graph.serializable import Serializable, deserialize, serialize
from headrace.transform.saving import write_graph

from .analyzer_cases import CASES, AnalyzerCase
from .analyzer_inputs import Fixed, columns

ROWS = 700
ALL = [(name, case) for name, cases in sorted(CASES.items()) for case in cases]


class EveryAnalyzer:
    """One graph of all cases, each with its own columns, and data in uneven batches."""

    def __init__(self) -> None:
        self.values: dict[str, pa.Array] = {}
        self.graph = Graph({f"{name}_{i}": self.node(case, i) for i, (name, case) in enumerate(ALL)})
        whole = pa.record_batch(self.values)
        cuts = [0, 1, 5, 200, 200, 431, ROWS]
        self.data = [whole.slice(i, j - i) for i, j in pairwise(cuts)]

    def node(self, case: AnalyzerCase, number: int) -> Node:
        inputs: list[Node] = []
        for place, (type_, value) in enumerate(zip(case.types, columns(case, ROWS, number), strict=True)):
            if isinstance(value, Fixed):
                assert isinstance(type_, np.ndarray)
                what: Any = Constant(value.value)
                inputs.append(Node(what, (), ColumnType(str(type_.dtype), type_.shape), per_row=False))
            else:
                assert isinstance(type_, ColumnType)
                name = f"c{number}_{place}"
                self.values[name] = to_arrow(value)
                inputs.append(Node(Input(name), (), type_, per_row=True))
        types = [node.type for node in inputs]
        return Node(case.analyzer, tuple(inputs), case.analyzer.infer(*types), per_row=False)


@pytest.fixture(scope="module")
def every() -> EveryAnalyzer:
    return EveryAnalyzer()


def saved(graph: Graph, folder: Path) -> dict[str, bytes]:
    write_graph(graph, folder)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def engine_of(name: str, request: pytest.FixtureRequest) -> Engine:
    if name == "beam":
        pytest.importorskip(
            "apache_beam", reason="Apache Beam is not installed: pip install 'headrace[beam]'"
        )
        from apache_beam.options.pipeline_options import PipelineOptions

        from headrace.transform.engines.beam import BeamEngine

        return BeamEngine(
            PipelineOptions(["--direct_num_workers=2", "--direct_running_mode=multi_threading"])
        )
    if name == "spark":
        request.getfixturevalue("spark")
    return find_engine(name)


@pytest.mark.parametrize("name", ["local", "beam", "spark"])
def test_every_analyzer_gives_the_same_statistic(
    name: str, every: EveryAnalyzer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    expected = saved(find_engine("local").run(every.graph, every.data, None), tmp_path / "expected")
    cache = StateCache(str(tmp_path / "cache"))
    for engine in (engine_of(name, request), find_engine("local")):  # one reads the cache of the other
        assert saved(engine.run(every.graph, every.data, cache), tmp_path / "found") == expected
    assert len(expected) > 10


def test_a_graph_with_every_analyzer_survives_a_round_trip_through_text(every: EveryAnalyzer) -> None:
    text = to_graph_text(every.graph)
    again = read_graph_text(text)
    assert to_graph_text(again) == text
    assert [node.what for node in again.analyzers] == [node.what for node in every.graph.analyzers]
    assert [node.type for node in again.nodes] == [node.type for node in every.graph.nodes]


@pytest.mark.parametrize("name", sorted(Analyzer.registry))
def test_every_analyzer_and_accumulator_survives_a_round_trip_through_json(name: str) -> None:
    for case in CASES[name]:
        for value in (case.analyzer, case.analyzer.accumulator):
            assert deserialize(serialize(value)) == value
            assert Serializable.classes[type(value).__name__] is type(value)


def test_a_new_process_imports_the_analyzers_it_reads() -> None:
    text = repr(serialize(CASES["integer_vocabulary"][0].analyzer))
    code = f"from headrace.transform.graph.serializable import deserialize; print(deserialize({text}))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == str(CASES["integer_vocabulary"][0].analyzer)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"is": "Mean"', '"is": "Path"'),
        ('"is": "Mean", "in": "headrace', '"is": "Path", "in": "headrace.nowhere'),
        ('"is": "Mean"', '"is": "Scoring"'),
        ('"inputs": [0]', '"inputs": [-1]'),
        ('"weighted": false', '"wicked": false'),
        ('"nodes"', '"knots"'),
        ('"float64"', '"object"'),
    ],
)
def test_text_that_is_not_a_graph_is_refused(old: str, new: str) -> None:
    input_ = Node(Input("x"), (), ColumnType("float64"), per_row=True)
    mean = CASES["mean"][0].analyzer
    text = to_graph_text(Graph({"y": Node(mean, (input_,), ColumnType("float64"), per_row=False)}))
    assert old in text
    with pytest.raises(ModelError, match="cannot read the graph"):
        read_graph_text(text.replace(old, new))
