"""TensorFlow: tf.data with parse_example and AUTOTUNE; tf.train.Example and TFRecordWriter."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from bench.records.columns import to_python_values
from bench.records.record_peer import RecordPeer
from bench.records.workloads import BATCH

_DTYPES = {"float": tf.float32, "int": tf.int64, "bytes": tf.string}
_AUTO = tf.data.AUTOTUNE


def _feature(kind: str, value: list[Any]) -> tf.train.Feature:
    if kind == "float":
        return tf.train.Feature(float_list=tf.train.FloatList(value=value))
    if kind == "int":
        return tf.train.Feature(int64_list=tf.train.Int64List(value=value))
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=value))


class TensorFlow(RecordPeer):
    written_shards = 1

    def _context(self) -> dict[str, Any]:
        plain = [feature for feature in self.workload.features if not feature.steps]
        return {feature.name: tf.io.FixedLenFeature([], _DTYPES[feature.kind]) for feature in plain}

    def _lists(self) -> dict[str, Any]:
        steps = [feature for feature in self.workload.features if feature.steps]
        return {feature.name: tf.io.RaggedFeature(_DTYPES[feature.kind]) for feature in steps}

    def _parse(self, serialized: Any) -> dict[str, Any]:
        if self.workload.is_sequence:
            context, lists, _ = tf.io.parse_sequence_example(serialized, self._context(), self._lists())
            return {**context, **lists}
        parsed = tf.io.parse_example(serialized, self._context())
        for feature in self.workload.features:
            if feature.pixels:
                flat = tf.io.decode_raw(parsed[feature.name], tf.uint8)
                parsed[feature.name] = tf.reshape(flat, [-1, *feature.pixels])
        return parsed

    def read(self) -> int:
        dataset = tf.data.TFRecordDataset(self.files(), num_parallel_reads=_AUTO).batch(BATCH)
        rows = 0
        for batch in dataset.map(self._parse, num_parallel_calls=_AUTO).prefetch(_AUTO):
            for value in batch.values():
                if isinstance(value, tf.RaggedTensor):
                    value.flat_values.numpy(), value.row_splits.numpy()
                elif value.dtype != tf.string:
                    value.numpy()
            rows += int(batch[self.workload.features[-1].name].shape[0])
        return rows

    def load(self, columns: dict[str, Any]) -> None:
        self._columns = [
            to_python_values(feature, columns[feature.name]) for feature in self.workload.features
        ]

    def _example(self, row: tuple[Any, ...]) -> bytes:
        features = zip(self.workload.features, row, strict=True)
        values = {feature.name: _feature(feature.kind, [value]) for feature, value in features}
        return tf.train.Example(features=tf.train.Features(feature=values)).SerializeToString()

    def _sequence_example(self, row: tuple[Any, ...]) -> bytes:
        context, lists = {}, {}
        for feature, value in zip(self.workload.features, row, strict=True):
            if feature.steps:
                steps = [_feature(feature.kind, [step]) for step in value]
                lists[feature.name] = tf.train.FeatureList(feature=steps)
            else:
                context[feature.name] = _feature(feature.kind, [value])
        return tf.train.SequenceExample(
            context=tf.train.Features(feature=context),
            feature_lists=tf.train.FeatureLists(feature_list=lists),
        ).SerializeToString()

    def write(self) -> int:
        encode = self._sequence_example if self.workload.is_sequence else self._example
        rows = 0
        with tf.io.TFRecordWriter(str(self.target())) as writer:
            for row in zip(*self._columns, strict=True):
                writer.write(encode(row))
                rows += 1
        return rows


PEER = TensorFlow
