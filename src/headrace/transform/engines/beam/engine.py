"""An analysis as a Beam pipeline of its own."""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportIncompatibleMethodOverride=false
# Beam is an extra: this is checked where it is not installed, too.

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions

from headrace.transform.analysis.input_data import open_batches
from headrace.transform.analysis.merge_tree import FAN_IN
from headrace.transform.analysis.parts import Part, parts_of
from headrace.transform.analysis.state_cache import StateCache
from headrace.transform.analysis.states import dumped, keys_of, loaded, merged, of_part
from headrace.transform.engines.beam.passes import settled
from headrace.transform.engines.failure import told
from headrace.transform.engines.local import LocalEngine
from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.graph import Graph
from headrace.transform.graph.graph_json import read_graph_text

__all__ = ["BeamEngine"]


@dataclass(frozen=True)
class BeamEngine:
    """One Beam pipeline for all passes. It reads data in parts: a `Dataset` of files, or batches in memory.

    Attributes:
        options: The pipeline's options, its runner and number of workers among them; None is Beam's
            defaults, a few threads of this process.
        temp_location: Where workers write the result and this process reads it: a folder or URL that both
            see. None is the options' `temp_location`, else a temporary folder of this machine.

    Example:
        >>> from apache_beam.options.pipeline_options import PipelineOptions
        >>> options = PipelineOptions(["--direct_num_workers=2", "--direct_running_mode=multi_processing"])
        >>> engine = BeamEngine(options)  # for hr.transform.analyze(preprocess, ds, engine=engine)
    """

    options: PipelineOptions | None = None
    temp_location: str | None = None

    def open(self, data: Any) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
        """See `Engine.open`."""
        return open_batches(data)

    def settle(self, graph: Graph, data: Iterable[pa.RecordBatch], cache: StateCache | None) -> Graph:
        """See `Engine.settle`.

        Raises:
            UsageError: The data has no parts.
        """
        parts = parts_of(data)
        if not parts or not graph.analyzers:
            return LocalEngine().settle(graph, [], cache=None)
        options = self.options or PipelineOptions([])
        with self._place(options) as place, told():
            path = FileSystems.join(place, f"headrace-{secrets.token_hex(8)}.json")
            with beam.Pipeline(options=options) as pipeline:
                numbers = pipeline | "Parts" >> beam.Create(range(len(parts))) | beam.Reshuffle()
                graphs = settled(graph, numbers, _Parts(parts, cache).gather)
                _ = graphs | "Write" >> beam.Map(_write, path)
            with FileSystems.open(path) as file:
                text = file.read().decode()
            FileSystems.delete([path])
            return read_graph_text(text)

    def _place(self, options: PipelineOptions) -> AbstractContextManager[str]:
        place = self.temp_location or options.view_as(GoogleCloudOptions).temp_location
        return tempfile.TemporaryDirectory() if place is None else nullcontext(place)


@dataclass(frozen=True)
class _Parts:
    """Data in parts, known to workers by their numbers."""

    parts: Sequence[Part]
    cache: StateCache | None

    def gather(self, numbers: Any, graph: Any, _accumulators: Sequence[Accumulator]) -> Any:
        """The states of all parts, merged in the tree of `headrace.transform.analysis.merge_tree`."""
        states = numbers | beam.Map(self._of_part, graph)
        width = len(self.parts)
        while width > 1:
            width = -(-width // FAN_IN)
            branches = states | f"Branch{width}" >> beam.Map(_branch) | f"Group{width}" >> beam.GroupByKey()
            states = branches | f"Merge{width}" >> beam.Map(_merge, graph)
        return states | beam.Values()

    def _of_part(self, number: int, graph: str) -> tuple[int, list[bytes]]:
        keys = keys_of(graph)
        return number, dumped(keys, of_part(keys, self.parts[number], self.cache))


def _branch(numbered: tuple[int, list[bytes]]) -> tuple[int, tuple[int, list[bytes]]]:
    return numbered[0] // FAN_IN, numbered


def _merge(branch: tuple[int, Iterable[tuple[int, list[bytes]]]], graph: str) -> tuple[int, list[bytes]]:
    keys = keys_of(graph)
    ordered = sorted(branch[1], key=lambda each: each[0])
    return branch[0], dumped(keys, merged(keys, (loaded(keys, states) for _, states in ordered)))


def _write(text: str, path: str) -> None:
    with FileSystems.create(path) as file:
        file.write(text.encode())
