"""tf.data, with its own decoder and parallel maps."""

from __future__ import annotations

from typing import Any

import tensorflow as tf  # pyright: ignore[reportMissingImports]

from bench import peer
from bench.images.workloads import BATCH, DEVIATION, MEAN, PADDING, WORKLOADS


class TensorFlow(peer.Peer):
    workloads = WORKLOADS

    def prepare(self, action: str) -> None:  # noqa: ARG002
        tf.config.threading.set_intra_op_parallelism_threads(self.cpus)
        tf.config.threading.set_inter_op_parallelism_threads(self.cpus)
        paths, labels = zip(*self.workload.list_files(self.directory), strict=True)
        side, augmented = self.workload.target, self.workload.augmented

        def decode(path: Any, label: Any) -> Any:
            image = tf.io.decode_jpeg(tf.io.read_file(path), 3, dct_method="INTEGER_ACCURATE")
            if image.shape[0] != side and not augmented:
                image = tf.image.resize(image, (side, side), antialias=True)
            if augmented:
                image = tf.pad(image, ((PADDING, PADDING), (PADDING, PADDING), (0, 0)))
                image = tf.image.random_flip_left_right(tf.image.random_crop(image, (side, side, 3)))
            return image, label

        def normalize(images: Any, label: Any) -> Any:
            return (tf.cast(images, tf.float32) / 255 - MEAN) / DEVIATION, label

        files = tf.data.Dataset.from_tensor_slices((list(paths), list(labels))).shuffle(len(paths))
        decoded = files.map(decode, tf.data.AUTOTUNE).batch(BATCH)
        self._batches = decoded.map(normalize, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)

    def run(self, action: str) -> peer.PassResult:  # noqa: ARG002
        rows = total = 0.0
        for images, _ in self._batches.as_numpy_iterator():
            rows += len(images)
            total += float(images[:, ::8, ::8].mean()) * len(images)
        return peer.PassResult(int(rows), lambda: {"mean": total / rows})


PEER = TensorFlow
