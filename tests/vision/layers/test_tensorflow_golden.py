"""Convolutions, pooling and local response normalisation against TensorFlow's values."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from headrace.vision.layers import (
    AvgPool2d,
    Conv2d,
    DepthwiseMaxPool,
    LocalResponseNorm,
    MaxPool2d,
    SeparableConv2d,
)

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "golden" / "windows.json").read_text())[
    "cases"
]


def image(height: int, width: int, channels: int) -> Tensor:
    numbers = (7 * np.arange(height * width * channels)) % 13 - 6
    return torch.from_numpy(numbers.reshape(1, height, width, channels)).float().permute(0, 3, 1, 2)


def kernel(*shape: int) -> Tensor:
    numbers = (5 * np.arange(np.prod(shape))) % 7 - 3
    return torch.from_numpy(numbers.reshape(shape)).float().permute(3, 2, 0, 1)


def set_weight(convolution: nn.Conv2d, weight: Tensor) -> nn.Conv2d:
    convolution.weight = nn.Parameter(weight)
    return convolution


def run_layer(case: dict[str, Any]) -> Tensor:
    op, padding, size = case["op"], case.get("padding"), case.get("size", ())
    if op == "depthwise":
        return DepthwiseMaxPool(3)(image(3, 4, 6))
    if op == "response":
        return LocalResponseNorm(case["r"], k=2.0, alpha=0.1, beta=0.75)(image(2, 3, 7))
    if op == "separable":
        layer = SeparableConv2d(2, 3, 3, stride=2, padding=padding, depth_multiplier=2, bias=False)
        filters = (
            kernel(3, 3, 2, 2).permute(1, 0, 2, 3).reshape(4, 1, 3, 3)
        )  # TensorFlow: [h, w, in, multiplier]
        set_weight(layer.depthwise, filters)  # pyright: ignore[reportArgumentType]
        set_weight(layer.pointwise, kernel(1, 1, 4, 3))  # pyright: ignore[reportArgumentType]
        return layer(image(6, 7, 2))
    window, stride = tuple(case["kernel"]), tuple(case["stride"])
    if op == "conv":
        dilation = tuple(case["dilation"])
        layer = Conv2d(2, 2, window, stride=stride, padding=padding, dilation=dilation, bias=False)
        return set_weight(layer, kernel(*window, 2, 2))(image(*size, 2))
    pool = {"max": MaxPool2d, "avg": AvgPool2d}[op]
    return pool(window, stride, padding)(image(*size, 1))


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(str(v) for v in list(case.values())[:-2]))
def test_equals_tensorflow(case: dict[str, Any]) -> None:
    found = run_layer(case)
    assert list(found.shape) == case["shape"]
    expected = torch.tensor(case["result"]).reshape(case["shape"])
    if case["op"] in ("conv", "max", "depthwise", "separable"):
        assert torch.equal(found, expected)
    else:
        torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6)
