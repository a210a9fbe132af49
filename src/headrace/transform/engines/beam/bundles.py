"""Accumulate the states of a collection of record batches."""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportIncompatibleMethodOverride=false
# Beam is an extra: the type checker also runs where it is not installed.

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.coders import Coder
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from headrace.errors import UsageError
from headrace.transform.analysis.passes import StateKey
from headrace.transform.analysis.states import (
    States,
    accumulate_batch,
    dump_states,
    empty_states,
    merge_states,
    next_state_keys,
)
from headrace.transform.engines.beam.coders import StatesCoder, read_accumulators
from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.serializable import serialize

__all__ = ["AccumulateBundle", "accumulate_batches", "to_batches"]


def accumulate_batches(batches: Any, graph: Any, accumulators: Sequence[Accumulator]) -> Any:
    """Accumulate the states of all batches.

    Args:
        batches: A collection of record batches or tables.
        graph: The graph as text, as a side input.
        accumulators: The accumulators of the next pass.

    Returns:
        A collection of one element: the states as a list of bytes.
    """
    return batches | beam.ParDo(AccumulateBundle(), graph) | beam.CombineGlobally(_Merge(accumulators))


class AccumulateBundle(beam.DoFn):
    """The accumulation of states over the batches of a bundle."""

    def start_bundle(self) -> None:
        """See `beam.DoFn`."""
        # The graph is read once per bundle: reading it again would create other nodes, and so other keys.
        self._keys: list[StateKey] | None = None
        self._states: States = {}

    def process(self, element: Any, graph: str) -> None:
        """See `beam.DoFn`; `graph` is the graph as text."""
        if self._keys is None:
            self._keys = next_state_keys(graph)
            self._states = empty_states(self._keys)
        states = (accumulate_batch(self._keys, batch) for batch in to_batches(element))
        self._states = merge_states(self._keys, states, self._states)

    def finish_bundle(self) -> Iterator[WindowedValue]:
        """Yield the states of the bundle as a list of bytes."""
        if self._keys is not None:
            states = dump_states(self._keys, self._states)
            yield WindowedValue(states, GlobalWindow().max_timestamp(), (GlobalWindow(),))


class _Merge(beam.CombineFn):
    """The merge of lists of states as bytes. What Beam calls accumulators are states here."""

    def __init__(self, accumulators: Sequence[Accumulator]) -> None:
        self._accumulators = json.dumps(serialize(list(accumulators)))

    def create_accumulator(self) -> list[Any]:
        return [each.empty() for each in read_accumulators(self._accumulators)]

    def add_input(self, states: list[Any], element: Sequence[bytes]) -> list[Any]:
        return self._merge(states, StatesCoder(self._accumulators).load(element))

    def merge_accumulators(self, several: Iterable[list[Any]]) -> list[Any]:
        return reduce(self._merge, several, self.create_accumulator())

    def _merge(self, first: list[Any], second: list[Any]) -> list[Any]:
        triples = zip(read_accumulators(self._accumulators), first, second, strict=True)
        with np.errstate(all="ignore"):
            return [accumulator.merge(*pair) for accumulator, *pair in triples]

    def extract_output(self, states: list[Any]) -> list[bytes]:
        return StatesCoder(self._accumulators).dump(states)

    def get_accumulator_coder(self) -> Coder:
        return StatesCoder(self._accumulators)


def to_batches(element: Any) -> Iterable[pa.RecordBatch]:
    """Return the record batches of an element of a collection.

    Raises:
        UsageError: It is neither a batch nor a table.
    """
    if isinstance(element, pa.RecordBatch):
        return [element]
    if isinstance(element, pa.Table):
        return element.to_batches()
    raise UsageError(
        f"expected record batches, got a {type(element).__name__}",
        hint="give pyarrow RecordBatches or Tables, as beam.io.ReadFromParquetBatched does",
    )
