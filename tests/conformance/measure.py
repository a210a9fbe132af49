"""Comparison of every case of an op in every runtime with NumPy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from headrace.columns import Ragged
from headrace.transform.graph.graph import Graph

from .cases import CASES, Case
from .comparison import Comparison, check_type, compare
from .inputs import Draw
from .runtimes import WEB, Columns, Run, graph_of, on_numpy, runs_of
from .web import Browser

__all__ = ["Prepared", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """A case, its graph, and the runtimes that can run it."""

    case: Case
    graph: Graph
    runs: Mapping[str, Run]

    def measure(self, draws: Iterable[Draw]) -> dict[str, Comparison]:
        """Compare each runtime with NumPy on the batches of the draws."""
        drawn = (values for draw in draws for values in draw.batches(self.case))
        batches = [dict(zip(self.graph.inputs, values, strict=True)) for values in drawn]
        expected = [on_numpy(self.graph, named) for named in batches]
        for value in expected:
            check_type(self.graph.outputs["y"].type, value)
        return {runtime: self._compare(runtime, batches, expected) for runtime in self.runs}

    def _compare(self, runtime: str, batches: Sequence[Columns], expected: Sequence[Any]) -> Comparison:
        found = self.runs[runtime](batches)
        if runtime == WEB:
            expected = [_as_web_returns(value) for value in expected]
        ulps = self.case.ulps.get(runtime, 0)
        triples = zip(batches, expected, found, strict=True)
        compared = [compare(*each, ulps) for each in triples if each[2] is not None]
        total = sum(compared, Comparison())
        return replace(total, first=f"{self.case} in {runtime}: {total.first}") if total.first else total


def prepare(name: str, browser: Browser | None) -> list[Prepared]:
    """Prepare all cases of an op."""
    cases = [(case, graph_of(case)) for case in CASES[name]]
    return [Prepared(case, graph, runs_of(case, graph, browser)) for case, graph in cases]


def _as_web_returns(value: Any) -> Any:
    """Remove the byte order mark of strings of more than 16 bytes, as onnxruntime-web does on output."""
    if isinstance(value, Ragged):
        return Ragged(_as_web_returns(value.values), value.row_splits)
    if not isinstance(value, pa.Array):
        return value
    return pa.array([_without_mark(text) for text in value.to_pylist()], pa.string())


def _without_mark(text: str) -> str:
    return text[1:] if text.startswith("\ufeff") and len(text.encode()) > 16 else text
