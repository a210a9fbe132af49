"""Analysis and transformation as steps of one's own Beam pipeline."""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportIncompatibleMethodOverride=false
# Beam is an extra: this is checked where it is not installed, too.

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.pvalue import AsSingleton

from headrace.transform.engines.beam.bundles import batches_of, gather_batches
from headrace.transform.engines.beam.coders import TransformCoder, read_transform
from headrace.transform.engines.beam.passes import settled
from headrace.transform.graph.deduplicate import distinct
from headrace.transform.plan import Plan
from headrace.transform.tracing.column import Column
from headrace.transform.tracing.trace import trace
from headrace.transform.transform import Transform

__all__ = ["AnalyzeAndTransformDataset", "AnalyzeDataset", "TransformDataset", "WriteTransform"]

Preprocess = Callable[[Mapping[str, Column]], Mapping[str, Column]]


class AnalyzeDataset(beam.PTransform):
    """Batches to their frozen transform: a collection of record batches to one of a single `Transform`.

    Elements are `pyarrow.RecordBatch` or `pyarrow.Table`, as `beam.io.ReadFromParquetBatched` gives them, in
    one global window. Their order is Beam's, so that the last bits of covariances may depend on it, and of
    quantiles above 32,768 values, within their bound.

        batches = pipeline | beam.io.ReadFromParquetBatched("train-*.parquet")
        transform = batches | AnalyzeDataset(preprocess, schema)
        transform | WriteTransform("transform")
        batches | TransformDataset(transform) | ...

    Args:
        preprocess: See `hr.transform.analyze`; it is called once, here.
        schema: The Arrow schema of the batches.

    Raises:
        TraceError, SchemaError: As `hr.transform.analyze`.
    """

    def __init__(self, preprocess: Preprocess, schema: pa.Schema) -> None:
        super().__init__()
        self._graph = distinct(trace(preprocess, schema))

    def expand(self, batches: Any) -> Any:
        """See `beam.PTransform.expand`."""
        plan = json.dumps(Plan.of(self._graph).to_json())
        graphs = settled(self._graph, batches, gather_batches)
        return graphs | "Freeze" >> beam.Map(read_transform, plan).with_output_types(Transform)


class TransformDataset(beam.PTransform):
    """Batches to what a transform makes of them: elements as for `AnalyzeDataset` to `pyarrow.RecordBatch`.

    Args:
        transform: A `Transform`, or a collection of one, such as `AnalyzeDataset` gives.
    """

    def __init__(self, transform: Any) -> None:
        super().__init__()
        self._transform = transform

    def expand(self, batches: Any) -> Any:
        """See `beam.PTransform.expand`."""
        given: Any = self._transform
        text = (
            TransformCoder.text(given)
            if isinstance(given, Transform)
            else AsSingleton(given | "AsText" >> beam.Map(TransformCoder.text))
        )
        return batches | beam.FlatMap(_transformed, text).with_output_types(pa.RecordBatch)


class AnalyzeAndTransformDataset(beam.PTransform):
    """Both: a collection of batches to the collections of transformed batches and of their `Transform`.

    Arguments as for `AnalyzeDataset`.
    """

    def __init__(self, preprocess: Preprocess, schema: pa.Schema) -> None:
        super().__init__()
        self._analyze = AnalyzeDataset(preprocess, schema)

    def expand(self, batches: Any) -> tuple[Any, Any]:
        """See `beam.PTransform.expand`."""
        transform = batches | "Analyze" >> self._analyze
        return batches | "Transform" >> TransformDataset(transform), transform


class WriteTransform(beam.PTransform):
    """Save a collection's `Transform` in a directory, which the worker that has it must see."""

    def __init__(self, directory: str) -> None:
        super().__init__()
        self._directory = directory

    def expand(self, transforms: Any) -> Any:
        """See `beam.PTransform.expand`."""
        return transforms | beam.Map(_save, self._directory)


@lru_cache(maxsize=4)
def _known(text: str) -> Transform:
    return read_transform(*json.loads(text))


def _transformed(element: Any, transform: str) -> Iterator[pa.RecordBatch]:
    return map(_known(transform), batches_of(element))


def _save(transform: Transform, directory: str) -> None:
    transform.save(directory)
