"""Convolutions, pools and local response normalisation against what TensorFlow computes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from headrace.errors import UsageError
from headrace.vision.layers import (
    AvgPool2d,
    Conv2d,
    DepthwiseMaxPool,
    GlobalAvgPool,
    LocalResponseNorm,
    MaxPool2d,
    SeparableConv2d,
)
from headrace.vision.layers.padding import margins, positions

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "golden" / "windows.json").read_text())[
    "cases"
]


def image(height: int, width: int, channels: int) -> Tensor:
    numbers = (7 * np.arange(height * width * channels)) % 13 - 6
    return torch.from_numpy(numbers.reshape(1, height, width, channels)).float().permute(0, 3, 1, 2)


def kernel(*shape: int) -> Tensor:
    numbers = (5 * np.arange(np.prod(shape))) % 7 - 3
    return torch.from_numpy(numbers.reshape(shape)).float().permute(3, 2, 0, 1)


def filled(convolution: nn.Conv2d, weight: Tensor) -> nn.Conv2d:
    convolution.weight = nn.Parameter(weight)
    return convolution


def computed(case: dict[str, Any]) -> Tensor:
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
        filled(layer.depthwise, filters)  # pyright: ignore[reportArgumentType]
        filled(layer.pointwise, kernel(1, 1, 4, 3))  # pyright: ignore[reportArgumentType]
        return layer(image(6, 7, 2))
    window, stride = tuple(case["kernel"]), tuple(case["stride"])
    if op == "conv":
        dilation = tuple(case["dilation"])
        layer = Conv2d(2, 2, window, stride=stride, padding=padding, dilation=dilation, bias=False)
        return filled(layer, kernel(*window, 2, 2))(image(*size, 2))
    pool = {"max": MaxPool2d, "avg": AvgPool2d}[op]
    return pool(window, stride, padding)(image(*size, 1))


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(str(v) for v in list(case.values())[:-2]))
def test_tensorflow_computes_the_same(case: dict[str, Any]) -> None:
    found = computed(case)
    assert list(found.shape) == case["shape"]
    expected = torch.tensor(case["result"]).reshape(case["shape"])
    if case["op"] in ("conv", "max", "depthwise", "separable"):
        assert torch.equal(found, expected)
    else:
        torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("padding", "size"), [("SAME", 3), ("VALID", 2)])
def test_the_textbook_s_13_pixels_kernel_6_stride_5(padding: Any, size: int) -> None:
    assert Conv2d(1, 1, 6, stride=5, padding=padding)(torch.zeros(1, 1, 13, 13)).shape == (1, 1, size, size)


@pytest.mark.parametrize("padding", ["SAME", "VALID", "CEIL", 1])
@pytest.mark.parametrize("kind", [MaxPool2d, AvgPool2d])
def test_plans_foretell_sizes(padding: Any, kind: type[MaxPool2d]) -> None:
    for size in range(3, 14):
        for window, stride in ((2, 1), (2, 2), (3, 1), (3, 2), (3, 3)):
            after = kind(window, stride, padding)(torch.randn(1, 2, size, size)).shape
            assert after[-1] == positions(size, window, stride, 1, padding)


def test_ceil_is_pytorch_s_ceil_mode() -> None:
    for size in range(3, 14):
        for window, stride in ((2, 2), (3, 2), (2, 3), (3, 3)):
            images = torch.randn(1, 2, size, size)
            for ours, theirs in ((MaxPool2d, nn.MaxPool2d), (AvgPool2d, nn.AvgPool2d)):
                expected = theirs(window, stride, ceil_mode=True)(images)
                torch.testing.assert_close(ours(window, stride, "CEIL")(images), expected)


def test_margins_put_the_odd_pixel_last() -> None:
    assert margins(13, 6, 5, 1, "SAME") == (1, 2)
    assert margins(224, 7, 2, 1, "SAME") == (2, 3)
    assert margins(5, 1, 2, 1, "SAME") == (0, 0)


def test_depth_that_is_no_multiple_is_refused() -> None:
    with pytest.raises(UsageError, match="8 maps cannot be pooled in groups of 3; give a number of maps"):
        DepthwiseMaxPool(3)(torch.zeros(1, 8, 2, 2))


def test_global_average() -> None:
    assert GlobalAvgPool()(torch.arange(8.0).reshape(1, 2, 2, 2)).tolist() == [[1.5, 5.5]]
