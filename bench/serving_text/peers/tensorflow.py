"""TensorFlow: the same model as a SavedModel, with Keras's TextVectorization in it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from bench.peer import PassResult, Peer
from bench.serving_text.model import WORKLOADS, Parts, read


class _Model(tf.Module):
    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self.vectorization = keras.layers.TextVectorization(vocabulary=parts.vocabulary, ragged=True)
        self.embeddings, self.layer = tf.Variable(parts.embeddings), tf.Variable(parts.layer)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def __call__(self, text: Any) -> Any:
        words = self.vectorization(text)
        sums = tf.math.segment_sum(tf.gather(self.embeddings, words.flat_values), words.value_rowids())
        missing = words.nrows() - tf.shape(sums, tf.int64)[0]  # empty texts at the end
        lengths = tf.maximum(tf.cast(words.row_lengths(), tf.float32), 1)
        bags = tf.pad(sums, [[0, missing], [0, 0]]) / tf.sqrt(lengths)[:, None]
        return tf.nn.softmax(tf.matmul(bags, self.layer))


class TensorFlow(Peer):
    workloads = WORKLOADS

    def prepare(self, action: str) -> None:
        parts, path = read(self.directory), str(self.directory / "saved_model")
        if action == "export":
            tf.saved_model.save(_Model(parts), path)
            return
        if not hasattr(self, "_model"):
            tf.config.threading.set_intra_op_parallelism_threads(self.cpus)
            tf.config.threading.set_inter_op_parallelism_threads(self.cpus)
            self._model = tf.saved_model.load(path)
        self._texts = tf.constant(parts.batch(action))
        self._model(self._texts)  # the first call of a shape is compiled

    def run(self, action: str) -> PassResult:
        if action == "export":
            return PassResult(0)
        found = self._model(self._texts).numpy()
        return PassResult(len(found), lambda: {"yes": float(found[:, 0].sum(dtype=np.float64))})


PEER = TensorFlow
