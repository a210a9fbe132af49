"""Keras on TensorFlow: compiled, channels last, by `predict_on_batch` and `train_on_batch`."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from bench.peer import PassResult, Peer
from bench.vision.models.workloads import WORKLOADS


def _textbook(channels: int, side: int) -> Any:
    """See `headrace.vision.models.fashion_cnn`."""
    convolution = partial(keras.layers.Conv2D, kernel_size=3, padding="same", activation="relu")
    dense = partial(keras.layers.Dense, activation="relu")
    return keras.Sequential(
        [
            keras.Input((side, side, channels)),
            convolution(64, kernel_size=7), keras.layers.MaxPooling2D(2),
            convolution(128), convolution(128), keras.layers.MaxPooling2D(2),
            convolution(256), convolution(256), keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            dense(128), keras.layers.Dropout(0.5), dense(64), keras.layers.Dropout(0.5),
            keras.layers.Dense(10),
        ]
    )  # fmt: skip


class Keras(Peer):
    workloads = WORKLOADS

    def prepare(self, action: str) -> None:  # noqa: ARG002
        tf.config.threading.set_intra_op_parallelism_threads(self.cpus)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        name = self.workload.peers["keras"]
        self._model = (
            getattr(keras.applications, name)(weights=None, classifier_activation=None)
            if name
            else _textbook(self.workload.channels, self.workload.side)
        )
        self._images = tf.constant(np.moveaxis(self.workload.images, 1, -1))
        self._labels = tf.constant(self.workload.labels)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self._model.compile(keras.optimizers.SGD(1e-4, momentum=0.9), loss)

    def run(self, action: str) -> PassResult:
        if action == "training":
            self._model.train_on_batch(self._images, self._labels)
        else:
            self._model.predict_on_batch(self._images)
        return PassResult(self.workload.batch, lambda: {"parameters": self._model.count_params()})


PEER = Keras
