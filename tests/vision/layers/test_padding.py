"""Padding of sliding windows."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from headrace.errors import UsageError
from headrace.vision.layers import (
    AvgPool,
    AvgPool2d,
    Conv,
    Conv2d,
    ConvNorm,
    MaxPool,
    MaxPool2d,
    SeparableConv2d,
    SeparableNorm,
    build,
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


LAYERS = {
    "Conv2d": lambda padding: Conv2d(2, 4, 3, padding=padding),
    "SeparableConv2d": lambda padding: SeparableConv2d(2, 4, 3, padding=padding),
    "MaxPool2d": lambda padding: MaxPool2d(3, 1, padding),
    "AvgPool2d": lambda padding: AvgPool2d(3, 1, padding),
    "Conv": lambda padding: build(Conv(4, 3, padding=padding), 2, (9, 9)),
    "ConvNorm": lambda padding: build(ConvNorm(4, 3, padding=padding), 2, (9, 9)),
    "SeparableNorm": lambda padding: build(SeparableNorm(4, 3, padding=padding), 2, (9, 9)),
    "MaxPool": lambda padding: build(MaxPool(3, 1, padding), 2, (9, 9)),
    "AvgPool": lambda padding: build(AvgPool(3, 1, padding), 2, (9, 9)),
}


@pytest.mark.parametrize("layer", LAYERS)
class TestEveryLayer:
    @pytest.mark.parametrize(
        ("padding", "size"),
        [
            *(("same", [9, 9]), ("Same", [9, 9]), ("valid", [7, 7]), ("ceil", [7, 7])),
            *(
                (1, [9, 9]),
                (np.int64(1), [9, 9]),
                ((0, 1), [7, 9]),
                ([1, 0], [9, 7]),
                (np.array([1, 1]), [9, 9]),
            ),
        ],
    )
    def test_padding_same_of_keras_and_torch_and_every_other_spelling(
        self, layer: str, padding: Any, size: list[int]
    ) -> None:
        assert list(LAYERS[layer](padding)(torch.zeros(1, 2, 9, 9)).shape[2:]) == size

    @pytest.mark.parametrize(
        "padding", ["reflect", "sme", "", None, True, -1, 1.0, (1, 1, 1, 1), (0, -1), ("same", 1)]
    )
    def test_other_values_are_refused(self, layer: str, padding: Any) -> None:
        with pytest.raises(UsageError, match=r"^padding"):
            LAYERS[layer](padding)


@settings(max_examples=40)
@given(
    size=st.tuples(st.integers(5, 12), st.integers(5, 12)),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    padding=st.tuples(st.integers(0, 4), st.integers(0, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
)
def test_pixels_equal_pytorch_s(
    size: tuple[int, int], kernel: tuple[int, int], padding: tuple[int, int], stride: tuple[int, int]
) -> None:
    images = torch.randn(1, 2, *size)
    ours, theirs = (
        Conv2d(2, 3, kernel, stride=stride, padding=padding),
        nn.Conv2d(2, 3, kernel, stride, padding),
    )
    theirs.load_state_dict(ours.state_dict())
    torch.testing.assert_close(ours(images), theirs(images))
    margins: Any = tuple(min(pixels, side // 2) for pixels, side in zip(padding, kernel, strict=True))
    for pool, reference in ((MaxPool2d, nn.MaxPool2d), (AvgPool2d, nn.AvgPool2d)):
        torch.testing.assert_close(
            pool(kernel, stride, margins)(images), reference(kernel, stride, margins)(images)
        )


def test_padding_above_half_of_a_pool_s_kernel_is_refused() -> None:
    with pytest.raises(UsageError, match="padding: expected at most half of the kernel size, got 2"):
        MaxPool2d(3, 2, 2)
