"""The states of a collection of record batches."""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportIncompatibleMethodOverride=false
# Beam is an extra: this is checked where it is not installed, too.

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
from headrace.transform.analysis.passes import Key
from headrace.transform.analysis.states import States, dumped, empty, keys_of, merged, of_batch
from headrace.transform.engines.beam.coders import StatesCoder, accumulators_of
from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.serializable import serialize

__all__ = ["batches_of", "gather_batches"]


def gather_batches(batches: Any, graph: Any, accumulators: Sequence[Accumulator]) -> Any:
    """The states of all batches: a collection of one list of bytes; `graph` is a side input."""
    return batches | beam.ParDo(_Gather(), graph) | beam.CombineGlobally(_Merge(accumulators))


class _Gather(beam.DoFn):
    """Batches to their states, as many batches at a time as the runner bundles."""

    def start_bundle(self) -> None:
        # Read once a bundle: the nodes of a graph that is read again are others.
        self._keys: list[Key] | None = None
        self._states: States = {}

    def process(self, element: Any, graph: str) -> None:
        if self._keys is None:
            self._keys = keys_of(graph)
            self._states = empty(self._keys)
        states = (of_batch(self._keys, batch) for batch in batches_of(element))
        self._states = merged(self._keys, states, self._states)

    def finish_bundle(self) -> Iterator[WindowedValue]:
        if self._keys is not None:
            states = dumped(self._keys, self._states)
            yield WindowedValue(states, GlobalWindow().max_timestamp(), (GlobalWindow(),))


class _Merge(beam.CombineFn):
    """Lists of states as bytes to one; between them, accumulators are states."""

    def __init__(self, accumulators: Sequence[Accumulator]) -> None:
        self._described = json.dumps(serialize(list(accumulators)))

    def create_accumulator(self) -> list[Any]:
        return [each.empty() for each in accumulators_of(self._described)]

    def add_input(self, states: list[Any], element: Sequence[bytes]) -> list[Any]:
        return self._merged(states, StatesCoder(self._described).states(element))

    def merge_accumulators(self, several: Iterable[list[Any]]) -> list[Any]:
        return reduce(self._merged, several, self.create_accumulator())

    def _merged(self, first: list[Any], second: list[Any]) -> list[Any]:
        triples = zip(accumulators_of(self._described), first, second, strict=True)
        with np.errstate(all="ignore"):
            return [accumulator.merge(one, other) for accumulator, one, other in triples]

    def extract_output(self, states: list[Any]) -> list[bytes]:
        return StatesCoder(self._described).dumped(states)

    def get_accumulator_coder(self) -> Coder:
        return StatesCoder(self._described)


def batches_of(element: Any) -> Iterable[pa.RecordBatch]:
    """The batches of an element.

    Raises:
        UsageError: It is neither a batch nor a table.
    """
    if isinstance(element, pa.RecordBatch):
        return [element]
    if isinstance(element, pa.Table):
        return element.to_batches()
    raise UsageError(
        f"a {type(element).__name__} among the record batches",
        hint="give pyarrow RecordBatches or Tables, as beam.io.ReadFromParquetBatched does",
    )
