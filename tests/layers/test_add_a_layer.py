"""Adding a layer takes one file: a subclass of `PreprocessingLayer` that implements `call`."""

import numpy as np
import onnxruntime
import pyarrow as pa
import torch

import headrace as hr

MIN_MAX_SCALING = '''
"""Scaling to the range from 0 to 1."""

from headrace.layers import PreprocessingLayer
from headrace.transform import max, min


class MinMaxScaling(PreprocessingLayer):
    """Computes (x - min) / (max - min)."""

    def call(self, x):
        low, high = min(x), max(x)
        return (x - low) / (high - low)
'''


def test_a_subclass_adapts_and_runs_in_every_place(add_module) -> None:
    layer = add_module("headrace.layers", "min_max_scaling", MIN_MAX_SCALING).MinMaxScaling()
    layer.adapt([10.0, 20.0, 30.0])
    assert layer([15.0, 30.0]).tolist() == [0.25, 1.0]  # on data
    assert layer(torch.tensor([10.0])).tolist() == [0.0]  # in a torch model, with statistics as buffers
    assert [buffer.tolist() for buffer in layer.buffers()] == [10.0, 30.0]

    x = np.array([15.0], np.float32)  # in a transform, and in its ONNX file
    transform = hr.transform.analyze(lambda inputs: {"y": layer(inputs["x"])}, [pa.record_batch({"x": x})])
    session = onnxruntime.InferenceSession(transform.to_onnx().SerializeToString())
    assert session.run(["y"], {"x": x})[0].tolist() == [0.25]
