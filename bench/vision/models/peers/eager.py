"""Our model as it is, its weights in channels-last memory order, as `fit` puts them."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from torch import nn

import headrace as hr
from bench.side import Done
from bench.vision.models.torch_side import TorchSide


class Eager(TorchSide):
    def __init__(self, workload: str, directory: Path, processors: int) -> None:
        super().__init__(workload, directory, processors)
        self._memory = ExitStack()

    def model(self) -> nn.Module:
        side, classes = (self.workload.side,) * 2, self.workload.classes
        made = hr.vision.create_model(
            self.workload.name, num_classes=classes, in_channels=self.workload.channels, input_size=side
        )
        return made.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]

    def prepare(self, action: str) -> None:
        super().prepare(action)
        self._memory.close()
        if action == "training":
            self._memory.enter_context(hr.training.kept_memory())
        if action == "predict":
            self._batch = pa.record_batch(
                {"image": pa.FixedShapeTensorArray.from_numpy_ndarray(np.asarray(self._images))}
            )
            self._predictor = self._exported()

    def act(self, action: str) -> Done:
        if action != "predict":
            return super().act(action)
        self._predictor.run(self._batch)
        return Done(self.workload.batch, lambda: {"parameters": self._parameters})

    def _exported(self) -> hr.deploy.Predictor:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "model.onnx")
            transform = hr.transform.analyze(lambda inputs: dict(inputs), [self._batch])
            hr.deploy.export(path, transform=transform, model=self._model)
            return hr.deploy.load(path, threads=self.processors)


SIDE = Eager
