"""Keras's TextVectorization in tf.data with AUTOTUNE, on prepared batches."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from bench.peer import PassResult, Peer
from bench.transform.texts import BATCH, TEXTS, VOCABULARY

_AUTO = tf.data.AUTOTUNE
_SPECIALS = 2  # mask and unknown precede the words


def _layer(specials: int = _SPECIALS, **options: Any) -> Any:
    return keras.layers.TextVectorization(VOCABULARY + specials, **options)


class TensorFlow(Peer):
    workloads = TEXTS

    def prepare(self, _action: str) -> None:
        texts = self.workload.texts()
        whole = len(texts) // BATCH * BATCH
        batches = tf.data.Dataset.from_tensor_slices(np.array(texts[:whole], object).reshape(-1, BATCH))
        self._batches = batches.concatenate(tf.data.Dataset.from_tensors(np.array(texts[whole:], object)))
        ids = _layer(vocabulary=self.workload.vocabulary(), ragged=True)
        self._ids = self._batches.map(ids, num_parallel_calls=_AUTO).prefetch(_AUTO)

    def run(self, action: str) -> PassResult:
        return getattr(self, f"_{action}_pass")()

    def _ids_pass(self) -> PassResult:
        tokens = total = 0
        for ids in self._ids:
            values = ids.flat_values.numpy()
            tokens += len(values)
            total += int(values.sum())
        return PassResult(tokens, lambda: {"tokens": tokens, "ids": total})

    def _vocabulary_pass(self) -> PassResult:
        layer = _layer()
        layer.adapt(self._batches)
        return PassResult(
            self.workload.tokens, lambda: self.workload.summarize(layer.get_vocabulary()[_SPECIALS:])
        )

    def _tfidf_pass(self) -> PassResult:
        layer = _layer(specials=1, output_mode="tf_idf")  # no mask
        layer.adapt(self._batches)

        def checks() -> dict[str, float]:
            weights = layer._lookup_layer.idf_weights.numpy()[1:]  # the first weight is for unknown words
            return {**self.workload.summarize(layer.get_vocabulary()[1:]), "idf": float(weights.sum())}

        return PassResult(self.workload.tokens, checks)


PEER = TensorFlow
