"""Pooling over maps and over whole images."""

import pytest
import torch

from headrace.errors import UsageError
from headrace.vision.layers import (
    DepthwiseMaxPool,
    GlobalAvgPool,
)


def test_a_number_of_maps_that_is_not_a_multiple_is_rejected() -> None:
    with pytest.raises(UsageError, match="cannot pool 8 maps in groups of 3; use a number of maps"):
        DepthwiseMaxPool(3)(torch.zeros(1, 8, 2, 2))


def test_global_average_pool() -> None:
    assert GlobalAvgPool()(torch.arange(8.0).reshape(1, 2, 2, 2)).tolist() == [[1.5, 5.5]]
