"""TF Transform on Beam's direct runner, over record batches read from the Parquet file."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam
from apache_beam.options.pipeline_options import PipelineOptions
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx_bsl.public.tfxio import TensorAdapterConfig

from bench.peer import PassResult, Peer
from bench.transform import table

_BATCH = 10_000
_TYPES = {pa.float64(): pa.float32()}  # the largest float type that TF Transform supports


def preprocess(inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: tft.scale_to_z_score(inputs[name]) for name in table.STANDARDISED},
        **{name: tft.scale_to_0_1(inputs[name]) for name in table.SCALED},
        **{name: tft.bucketize(inputs[name], table.BUCKETS) for name in table.BUCKETIZED},
        **{
            name: tft.compute_and_apply_vocabulary(inputs[name], top_k=size, num_oov_buckets=1)
            for name, size in table.VOCABULARIES.items()
        },
    }


def _lists(array: pa.Array) -> pa.Array:
    """Convert values to lists of one value, the input format of tensors."""
    if pa.types.is_string(array.type):
        array = array.cast(pa.binary())
    array = array.cast(_TYPES.get(array.type, array.type))
    return pa.ListArray.from_arrays(pa.array(np.arange(len(array) + 1, dtype=np.int32)), array)


def _read(path: str, group: int) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH, row_groups=[group]):
            yield pa.RecordBatch.from_arrays(list(map(_lists, batch.columns)), batch.schema.names)


def _flat(batch: pa.RecordBatch) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([column.flatten() for column in batch.columns], batch.schema.names)


def _sums(outputs: tuple[pa.RecordBatch, Any]) -> Counter[str]:
    return table.total([_flat(outputs[0])])


def _added(sums: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in sums:
        total.update(each)
    return total


class TFTransform(Peer):
    workloads = table.TABLES

    def prepare(self, _action: str) -> None:
        self._path = str(self.workload.path(self.directory))
        first = next(_read(self._path, 0))
        dense = {
            name: schema_pb2.TensorRepresentation(dense_tensor={"column_name": name, "shape": {}})
            for name in first.schema.names
        }
        self._config = TensorAdapterConfig(first.schema, dense)
        # Two threads are slower; two processes are faster, but occasionally lose rows.
        self._options = PipelineOptions(runner="DirectRunner", direct_running_mode="in_memory")

    def run(self, _action: str) -> PassResult:
        with tempfile.TemporaryDirectory() as temporary:
            found = Path(temporary) / "sums"
            path, groups = self._path, range(pq.read_metadata(self._path).num_row_groups)
            with beam.Pipeline(options=self._options) as pipeline, tft_beam.Context(temp_dir=temporary):
                rows = (
                    pipeline
                    | beam.Create(groups)
                    | beam.Reshuffle()
                    | beam.FlatMap(lambda group: _read(path, group))
                )
                applied, _ = (rows, self._config) | tft_beam.AnalyzeAndTransformDataset(
                    preprocess, output_record_batches=True
                )
                sums = applied[0] | beam.Map(_sums) | beam.CombineGlobally(_added)
                sums | beam.Map(lambda total: found.write_text(json.dumps(total)))
            checks = json.loads(found.read_text())
        return PassResult(self.workload.rows, lambda: checks)


PEER = TFTransform
