"""Analysis and transformation as transforms in the user's own Beam pipeline."""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportIncompatibleMethodOverride=false
# Beam is an extra: the type checker also runs where it is not installed.

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems
from apache_beam.pvalue import AsSingleton

from headrace.storage import local_path
from headrace.transform.engines.beam.bundles import accumulate_batches, to_batches
from headrace.transform.engines.beam.coders import TransformCoder, read_transform
from headrace.transform.engines.beam.passes import run_passes
from headrace.transform.graph.deduplicate import deduplicate
from headrace.transform.plan import Plan
from headrace.transform.tracing.column import Column
from headrace.transform.tracing.trace import trace
from headrace.transform.transform import Transform

__all__ = ["AnalyzeAndTransformDataset", "AnalyzeDataset", "TransformDataset", "WriteTransform"]

_AS_IS = CompressionTypes.UNCOMPRESSED

Preprocess = Callable[[Mapping[str, Column]], Mapping[str, Column]]


class AnalyzeDataset(beam.PTransform):
    """The analysis of a collection of record batches, resulting in a collection of one `Transform`.

    Elements are `pyarrow.RecordBatch` or `pyarrow.Table`, as `beam.io.ReadFromParquetBatched` yields them, in
    the global window. Beam chooses their order. The last bits of covariances may depend on it, and so may
    quantiles of more than 32,768 values, within their bound.

        batches = pipeline | beam.io.ReadFromParquetBatched("train-*.parquet")
        transform = batches | AnalyzeDataset(preprocess, schema)
        transform | WriteTransform("transform")
        batches | TransformDataset(transform) | ...

    Args:
        preprocess: See `hr.transform.analyze`; it is called once, by the constructor.
        schema: The Arrow schema of the batches.

    Raises:
        TraceError, SchemaError: As `hr.transform.analyze`.
    """

    def __init__(self, preprocess: Preprocess, schema: pa.Schema) -> None:
        super().__init__()
        self._graph = deduplicate(trace(preprocess, schema))

    def expand(self, batches: Any) -> Any:
        """See `beam.PTransform.expand`."""
        plan = json.dumps(Plan.from_graph(self._graph).to_json())
        graphs = run_passes(self._graph, batches, accumulate_batches)
        return graphs | "Freeze" >> beam.Map(read_transform, plan).with_output_types(Transform)


class TransformDataset(beam.PTransform):
    """The application of a transform to a collection of record batches.

    Elements are those of `AnalyzeDataset`; the result is a collection of `pyarrow.RecordBatch`.

    Args:
        transform: A `Transform`, or a collection of one, such as the result of `AnalyzeDataset`.
    """

    def __init__(self, transform: Any) -> None:
        super().__init__()
        self._transform = transform

    def expand(self, batches: Any) -> Any:
        """See `beam.PTransform.expand`."""
        given: Any = self._transform
        text = (
            TransformCoder.to_text(given)
            if isinstance(given, Transform)
            else AsSingleton(given | "AsText" >> beam.Map(TransformCoder.to_text))
        )
        return batches | beam.FlatMap(_apply, text).with_output_types(pa.RecordBatch)


class AnalyzeAndTransformDataset(beam.PTransform):
    """The analysis of a collection of record batches, and the application of the transform to it.

    The result is a pair: the collection of transformed batches, and the collection of one `Transform`. The
    arguments are those of `AnalyzeDataset`.
    """

    def __init__(self, preprocess: Preprocess, schema: pa.Schema) -> None:
        super().__init__()
        self._analyze = AnalyzeDataset(preprocess, schema)

    def expand(self, batches: Any) -> tuple[Any, Any]:
        """See `beam.PTransform.expand`."""
        transform = batches | "Analyze" >> self._analyze
        return batches | "Transform" >> TransformDataset(transform), transform


class WriteTransform(beam.PTransform):
    """A sink that saves the `Transform` of a collection in a directory that the workers can write to.

    Args:
        directory: A local path; or a URL of one of Beam's file systems (`gs://`, `hdfs://`, ...), or else of
            fsspec.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        super().__init__()
        self._directory = os.fspath(directory)
        local_path(self._directory)  # refuses what pathlib makes of a URL

    def expand(self, transforms: Any) -> Any:
        """See `beam.PTransform.expand`."""
        return transforms | beam.Map(_save, self._directory)


@lru_cache(maxsize=4)
def _read(text: str) -> Transform:
    return read_transform(*json.loads(text))


def _apply(element: Any, transform: str) -> Iterator[pa.RecordBatch]:
    return map(_read(transform), to_batches(element))


def _save(transform: Transform, directory: str) -> None:
    if local_path(directory) is not None or not _is_of_beam(directory):
        transform.save(directory)
        return
    with tempfile.TemporaryDirectory() as temporary:
        transform.save(temporary)
        files = sorted(path for path in Path(temporary).rglob("*") if path.is_file())
        for path in sorted(files, key=lambda each: each.name == "graph.json"):  # which makes it a transform
            name = path.relative_to(temporary).as_posix()
            with FileSystems.create(f"{directory.rstrip('/')}/{name}", compression_type=_AS_IS) as file:
                file.write(path.read_bytes())


def _is_of_beam(url: str) -> bool:
    try:
        FileSystems.get_filesystem(url)
    except (ValueError, ImportError):
        return False
    return True
