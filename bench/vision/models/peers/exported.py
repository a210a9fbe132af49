"""The exported file in ONNX Runtime, as `headrace predict` runs it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa

import headrace as hr
from bench.peer import PassResult
from bench.vision.models.peers.eager import Eager


class Exported(Eager):
    def prepare(self, action: str) -> None:
        super().prepare(action)
        images = pa.FixedShapeTensorArray.from_numpy_ndarray(np.asarray(self._images))
        self._batch = pa.record_batch({"image": images})
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "model.onnx")
            transform = hr.transform.analyze(lambda inputs: dict(inputs), [self._batch])
            hr.deploy.export(path, transform=transform, model=self._model)
            self._predictor = hr.deploy.load(path, threads=self.cpus)

    def run(self, action: str) -> PassResult:  # noqa: ARG002
        self._predictor.run(self._batch)
        return PassResult(self.workload.batch, lambda: {"parameters": self._parameters})


PEER = Exported
