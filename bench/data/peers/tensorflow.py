"""tf.data: rows shuffled, then batched, then parsed; AUTOTUNE for every number of threads and buffers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import tensorflow as tf

from bench.data.loader_peer import Loader, LoaderPeer
from bench.data.workloads import LABEL, PIXELS, TOKENS

_SEED, _AUTO = 1, tf.data.AUTOTUNE
_RANKS, _WINDOW = 8, 1024
_BOUNDARIES = [round(40 * 1.2**power) for power in range(22)]  # tokens, up to 1,844
_BYTES = {"images": "image", "payloads": "data"}


class TensorFlow(LoaderPeer):
    loaders: ClassVar[Mapping[str, Callable[[Any], Loader]]] = {
        "images vectorised": lambda peer: peer.vectorised(),
        "images per-row": lambda peer: peer.per_row(),
        "images cached": lambda peer: peer.cached(),
        "images gather": lambda peer: peer.gather(peer.workload.columns()),
        "images rank": lambda peer: peer.rank(),
        "text buckets": lambda peer: peer.buckets(),
        "text vectorised": lambda peer: peer.record_buckets(),
        "table slices": lambda peer: peer.slices(peer.workload.columns()),
        "table gather": lambda peer: peer.gather(peer.workload.columns()),
        "photos folder": lambda peer: peer.photos(),
        "payloads rank": lambda peer: peer.rank(_WINDOW // _RANKS),
        "payloads window": lambda peer: peer.vectorised(_WINDOW),
    }

    def _loader_of(self, dataset: tf.data.Dataset) -> Loader:
        """Each iteration reshuffles; batches are dicts of NumPy arrays that share TensorFlow's memory."""
        return Loader(lambda number: dataset.as_numpy_iterator())  # noqa: ARG005

    def _records(self) -> tf.data.Dataset:
        return tf.data.TFRecordDataset(self.files("*.tfrecord"), num_parallel_reads=_AUTO)

    def _features(self) -> dict[str, Any]:
        return {
            _BYTES[self.workload.name]: tf.io.FixedLenFeature([], tf.string),
            LABEL: tf.io.FixedLenFeature([], tf.int64),
        }

    def _parse_batch(self, serialized: Any) -> dict[str, Any]:
        parsed = tf.io.parse_example(serialized, self._features())
        if "image" in parsed:
            parsed["image"] = tf.reshape(tf.io.decode_raw(parsed["image"], tf.uint8), [-1, *PIXELS])
        return parsed

    def _parse_row(self, serialized: Any) -> dict[str, Any]:
        parsed = tf.io.parse_single_example(serialized, self._features())
        parsed["image"] = tf.reshape(tf.io.decode_raw(parsed["image"], tf.uint8), PIXELS)
        return parsed

    def vectorised(self, window: int | None = None) -> Loader:
        shuffled = self._records().shuffle(window or self.workload.rows, _SEED)
        batches = shuffled.batch(self.workload.batch, num_parallel_calls=_AUTO)
        return self._loader_of(batches.map(self._parse_batch, num_parallel_calls=_AUTO).prefetch(_AUTO))

    def per_row(self) -> Loader:
        shuffled = self._records().shuffle(self.workload.rows, _SEED)
        parsed = shuffled.map(self._parse_row, num_parallel_calls=_AUTO)
        return self._loader_of(parsed.batch(self.workload.batch, num_parallel_calls=_AUTO).prefetch(_AUTO))

    def cached(self) -> Loader:
        """Cache parsed rows; the cache is complete after the first epoch."""
        rows = self._records().batch(4096).map(self._parse_batch, num_parallel_calls=_AUTO).unbatch()
        shuffled = rows.cache().shuffle(self.workload.rows, _SEED)
        return self._loader_of(shuffled.batch(self.workload.batch, num_parallel_calls=_AUTO).prefetch(_AUTO))

    def rank(self, window: int | None = None) -> Loader:
        """Shard the records before they are shuffled, as the documentation recommends."""
        rows = self._records().shard(_RANKS, 0).shuffle(window or self.workload.rows // _RANKS, _SEED)
        batches = rows.batch(self.workload.batch, num_parallel_calls=_AUTO)
        return self._loader_of(batches.map(self._parse_batch, num_parallel_calls=_AUTO).prefetch(_AUTO))

    def buckets(self) -> Loader:
        """Parse row by row; rows of similar length share a batch, padded to its longest row."""
        vector = tf.io.FixedLenSequenceFeature([], tf.int64, allow_missing=True)
        features = {TOKENS: vector, LABEL: tf.io.FixedLenFeature([], tf.int64)}
        shuffled = self._records().shuffle(self.workload.rows, _SEED)
        rows = shuffled.map(lambda row: tf.io.parse_single_example(row, features), num_parallel_calls=_AUTO)
        buckets = rows.bucket_by_sequence_length(
            lambda row: tf.shape(row[TOKENS])[0],
            bucket_boundaries=_BOUNDARIES,
            bucket_batch_sizes=[self.workload.batch] * (len(_BOUNDARIES) + 1),
        )
        return self._loader_of(buckets.prefetch(_AUTO))

    def record_buckets(self) -> Loader:
        """Group records by their size, which is close to their number of tokens, and parse whole batches."""
        features = {TOKENS: tf.io.RaggedFeature(tf.int64), LABEL: tf.io.FixedLenFeature([], tf.int64)}
        shuffled = self._records().shuffle(self.workload.rows, _SEED)
        groups = shuffled.group_by_window(
            lambda record: tf.cast(tf.math.log(tf.cast(tf.strings.length(record), tf.float32)) * 8, tf.int64),
            lambda _, records: records.batch(self.workload.batch),
            window_size=self.workload.batch,
        )

        def parse(records: Any) -> dict[str, Any]:
            parsed = tf.io.parse_example(records, features)
            return {**parsed, TOKENS: parsed[TOKENS].to_tensor()}

        return self._loader_of(groups.map(parse, num_parallel_calls=_AUTO).prefetch(_AUTO))

    def slices(self, columns: dict[str, Any]) -> Loader:
        """Read rows from memory, since tf.data does not read Parquet."""
        rows = tf.data.Dataset.from_tensor_slices(columns).shuffle(self.workload.rows, _SEED)
        return self._loader_of(rows.batch(self.workload.batch, num_parallel_calls=_AUTO).prefetch(_AUTO))

    def gather(self, columns: dict[str, Any]) -> Loader:
        """Shuffle row numbers, and gather each batch from tensors in memory."""
        tensors = {name: tf.constant(column) for name, column in columns.items()}
        numbers = tf.data.Dataset.range(self.workload.rows).shuffle(self.workload.rows, _SEED)
        batches = numbers.batch(self.workload.batch, num_parallel_calls=_AUTO)

        def gather(rows: Any) -> dict[str, Any]:
            return {name: tf.gather(tensor, rows) for name, tensor in tensors.items()}

        return self._loader_of(batches.map(gather, num_parallel_calls=_AUTO).prefetch(_AUTO))

    def photos(self) -> Loader:
        paths = self.files("photos/*/*.jpg")
        labels = [int(path.split("/")[-2]) for path in paths]
        rows = tf.data.Dataset.from_tensor_slices((paths, labels)).shuffle(self.workload.rows, _SEED)

        def read(path: Any, label: Any) -> dict[str, Any]:
            return {"image": tf.io.read_file(path), LABEL: label}

        batches = rows.map(read, num_parallel_calls=_AUTO).batch(self.workload.batch)
        return self._loader_of(batches.prefetch(_AUTO))


PEER = TensorFlow
