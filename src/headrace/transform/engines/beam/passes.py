"""All passes of an analysis as steps of a Beam pipeline, whatever its data are."""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportIncompatibleMethodOverride=false
# Beam is an extra: this is checked where it is not installed, too.

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import AsSingleton

from headrace.transform.analysis.passes import keys, schedule, settle
from headrace.transform.analysis.states import keys_of, loaded
from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.graph import Graph
from headrace.transform.graph.graph_json import read_graph_text, to_graph_text

__all__ = ["Gather", "settled"]

Gather = Callable[[Any, Any, Sequence[Accumulator]], Any]


def settled(graph: Graph, data: Any, gather: Gather) -> Any:
    """A collection of one text: the graph with all statistics found over the collection `data`.

    `gather` makes of data, graph and accumulators a collection of one list of states.
    """
    graphs = data.pipeline | "Graph" >> beam.Create([to_graph_text(graph)])
    for number, nodes in enumerate(schedule(graph), 1):
        accumulators = [accumulator for accumulator, _ in keys(nodes)]
        states = (data, graphs) | f"Pass{number}" >> _Pass(gather, accumulators)
        graphs = states | f"Settle{number}" >> beam.Map(_settle, AsSingleton(graphs))
    return graphs


class _Pass(beam.PTransform):
    """One pass over the data."""

    def __init__(self, gather: Gather, accumulators: Sequence[Accumulator]) -> None:
        super().__init__()
        self._gather, self._accumulators = gather, accumulators

    def expand(self, inputs: Any) -> Any:
        data, graphs = inputs
        return self._gather(data, AsSingleton(graphs), self._accumulators)


def _settle(states: list[bytes], graph: str) -> str:
    whole = read_graph_text(graph)
    return to_graph_text(settle(whole, loaded(keys_of(whole), states)))
