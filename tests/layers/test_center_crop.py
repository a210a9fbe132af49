"""CenterCrop."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from headrace.errors import TraceError
from headrace.layers import CenterCrop, Resizing


def test_crops_are_centered() -> None:
    image = np.arange(30, dtype=np.uint8).reshape(1, 1, 5, 6)
    cropped = CenterCrop(2, 3)(image)
    assert cropped.dtype == np.float32
    assert cropped[0, 0].tolist() == image[0, 0, 1:3, 1:4].tolist()
    assert CenterCrop(6, 6)(image).shape == (1, 1, 6, 6)
    model = nn.Sequential(CenterCrop(4, 4), Resizing(2, 2), nn.Conv2d(1, 3, 2))
    assert model(torch.from_numpy(image)).shape == (1, 3, 1, 1)
    with pytest.raises(TraceError, match="expected images, got float32; pass rows of"):
        CenterCrop(2, 3)([1.0])
