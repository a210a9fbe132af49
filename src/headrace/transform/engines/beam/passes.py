"""The passes of an analysis as transforms of a Beam pipeline."""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportIncompatibleMethodOverride=false
# Beam is an extra: the type checker also runs where it is not installed.

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import AsSingleton

from headrace.transform.analysis.passes import pass_keys, schedule, substitute_statistics
from headrace.transform.analysis.states import load_states, next_state_keys
from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.graph import Graph
from headrace.transform.graph.graph_json import read_graph_text, to_graph_text

__all__ = ["Accumulate", "run_passes"]

Accumulate = Callable[[Any, Any, Sequence[Accumulator]], Any]


def run_passes(graph: Graph, data: Any, accumulate: Accumulate) -> Any:
    """Build a collection of one text: the graph with a constant in place of each analyzer.

    Args:
        graph: A traced graph.
        data: A collection.
        accumulate: Builds a collection of one list of states as bytes from the collection `data`, the graph
            as a side input, and the accumulators of the pass.
    """
    graphs = data.pipeline | "Graph" >> beam.Create([to_graph_text(graph)])
    for number, nodes in enumerate(schedule(graph), 1):
        accumulators = [accumulator for accumulator, _ in pass_keys(nodes)]
        states = (data, graphs) | f"Pass{number}" >> _Pass(accumulate, accumulators)
        graphs = states | f"Substitute{number}" >> beam.Map(_substitute, AsSingleton(graphs))
    return graphs


class _Pass(beam.PTransform):
    """One pass over the data."""

    def __init__(self, accumulate: Accumulate, accumulators: Sequence[Accumulator]) -> None:
        super().__init__()
        self._accumulate, self._accumulators = accumulate, accumulators

    def expand(self, inputs: Any) -> Any:
        data, graphs = inputs
        return self._accumulate(data, AsSingleton(graphs), self._accumulators)


def _substitute(states: list[bytes], text: str) -> str:
    graph = read_graph_text(text)
    return to_graph_text(substitute_statistics(graph, load_states(next_state_keys(graph), states)))
