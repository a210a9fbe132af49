"""An analysis as a Beam pipeline of its own."""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportIncompatibleMethodOverride=false
# Beam is an extra: the type checker also runs where it is not installed.

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions

from headrace.transform.analysis.input_data import open_batches
from headrace.transform.analysis.merge_tree import FAN_IN
from headrace.transform.analysis.parts import Part, require_parts
from headrace.transform.analysis.state_cache import StateCache
from headrace.transform.analysis.states import (
    accumulate_part,
    dump_states,
    load_states,
    merge_states,
    next_state_keys,
)
from headrace.transform.engines.beam.passes import run_passes
from headrace.transform.engines.engine import unwrap_worker_errors
from headrace.transform.engines.local import LocalEngine
from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.graph import Graph
from headrace.transform.graph.graph_json import read_graph_text

__all__ = ["BeamEngine"]


@dataclass(frozen=True)
class BeamEngine:
    """An engine that runs all passes in one Beam pipeline.

    It reads data in parts: a `Dataset` of files, or a list of batches.

    Attributes:
        options: The pipeline's options, such as its runner and number of workers; None means Beam's
            defaults, a few threads of this process.
        temp_location: A folder or URL where a worker writes the result and this process reads it. None means
            the `temp_location` of the options, or else a temporary folder of this machine.

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

    def run(self, graph: Graph, data: Iterable[pa.RecordBatch], cache: StateCache | None) -> Graph:
        """See `Engine.run`.

        Raises:
            UsageError: The data cannot be read in parts.
        """
        parts = require_parts(data)
        if not parts or not graph.analyzers:
            return LocalEngine().run(graph, [], cache=None)
        options = self.options or PipelineOptions([])
        with self._result_folder(options) as folder, unwrap_worker_errors():
            path = FileSystems.join(folder, f"headrace-{secrets.token_hex(8)}.json")
            with beam.Pipeline(options=options) as pipeline:
                numbers = pipeline | "Parts" >> beam.Create(range(len(parts))) | beam.Reshuffle()
                graphs = run_passes(graph, numbers, _Parts(parts, cache).accumulate)
                _ = graphs | "Write" >> beam.Map(_write, path)
            with FileSystems.open(path) as file:
                text = file.read().decode()
            FileSystems.delete([path])
            return read_graph_text(text)

    def run_tasks(self, task: Callable[[int], None], numbers: Sequence[int]) -> None:
        """Call `task` with each number on the workers, in one pipeline; see `Dataset.write`."""
        options = self.options or PipelineOptions([])
        with unwrap_worker_errors(), beam.Pipeline(options=options) as pipeline:
            _ = pipeline | beam.Create(list(numbers)) | beam.Reshuffle() | "Run" >> beam.Map(task)

    def _result_folder(self, options: PipelineOptions) -> AbstractContextManager[str]:
        folder = self.temp_location or options.view_as(GoogleCloudOptions).temp_location
        return tempfile.TemporaryDirectory() if folder is None else nullcontext(folder)


@dataclass(frozen=True)
class _Parts:
    """Data in parts, which the pipeline refers to by number."""

    parts: Sequence[Part]
    cache: StateCache | None

    def accumulate(self, numbers: Any, graph: Any, _accumulators: Sequence[Accumulator]) -> Any:
        """Compute the states of all parts, merged in the tree of `headrace.transform.analysis.merge_tree`."""
        states = numbers | beam.Map(self._accumulate_part, graph)
        width = len(self.parts)
        while width > 1:
            width = -(-width // FAN_IN)
            branches = (
                states | f"Branch{width}" >> beam.Map(_key_by_branch) | f"Group{width}" >> beam.GroupByKey()
            )
            states = branches | f"Merge{width}" >> beam.Map(_merge, graph)
        return states | beam.Values()

    def _accumulate_part(self, number: int, graph: str) -> tuple[int, list[bytes]]:
        keys = next_state_keys(graph)
        return number, dump_states(keys, accumulate_part(keys, self.parts[number], self.cache))


def _key_by_branch(numbered: tuple[int, list[bytes]]) -> tuple[int, tuple[int, list[bytes]]]:
    return numbered[0] // FAN_IN, numbered


def _merge(branch: tuple[int, Iterable[tuple[int, list[bytes]]]], graph: str) -> tuple[int, list[bytes]]:
    keys = next_state_keys(graph)
    ordered = sorted(branch[1], key=lambda each: each[0])
    merged = merge_states(keys, (load_states(keys, states) for _, states in ordered))
    return branch[0], dump_states(keys, merged)


def _write(text: str, path: str) -> None:
    with FileSystems.create(path) as file:
        file.write(text.encode())
