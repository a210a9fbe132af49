"""Padding of sliding windows."""

from typing import Any

import pytest
import torch
from torch import nn

from headrace.vision.layers import (
    AvgPool2d,
    Conv2d,
    MaxPool2d,
)
from headrace.vision.layers.padding import count_positions, margins


@pytest.mark.parametrize(("padding", "size"), [("SAME", 3), ("VALID", 2)])
def test_textbook_example_of_13_pixels_kernel_6_stride_5(padding: Any, size: int) -> None:
    assert Conv2d(1, 1, 6, stride=5, padding=padding)(torch.zeros(1, 1, 13, 13)).shape == (1, 1, size, size)


@pytest.mark.parametrize("padding", ["SAME", "VALID", "CEIL", 1])
@pytest.mark.parametrize("kind", [MaxPool2d, AvgPool2d])
def test_count_positions_equals_the_output_size(padding: Any, kind: type[MaxPool2d]) -> None:
    for size in range(3, 14):
        for window, stride in ((2, 1), (2, 2), (3, 1), (3, 2), (3, 3)):
            after = kind(window, stride, padding)(torch.randn(1, 2, size, size)).shape
            assert after[-1] == count_positions(size, window, stride, 1, padding)


def test_ceil_equals_pytorch_s_ceil_mode() -> None:
    for size in range(3, 14):
        for window, stride in ((2, 2), (3, 2), (2, 3), (3, 3)):
            images = torch.randn(1, 2, size, size)
            for ours, theirs in ((MaxPool2d, nn.MaxPool2d), (AvgPool2d, nn.AvgPool2d)):
                expected = theirs(window, stride, ceil_mode=True)(images)
                torch.testing.assert_close(ours(window, stride, "CEIL")(images), expected)


def test_the_odd_pixel_is_at_the_end() -> None:
    assert margins(13, 6, 5, 1, "SAME") == (1, 2)
    assert margins(224, 7, 2, 1, "SAME") == (2, 3)
    assert margins(5, 1, 2, 1, "SAME") == (0, 0)
