"""Resizing, against torch."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import interpolate

from headrace.layers import Resizing


def test_equals_torch_interpolate() -> None:
    image = np.random.default_rng(0).integers(0, 256, (2, 3, 9, 8)).astype(np.uint8)
    pixels = torch.from_numpy(image).float()
    for antialias in (False, True):
        expected = interpolate(pixels, (4, 12), mode="bilinear", antialias=antialias)
        np.testing.assert_allclose(Resizing(4, 12, antialias=antialias)(image), expected, atol=1e-3)
    last = Resizing(4, 12, data_format="channels_last")(image.transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(last.transpose(0, 3, 1, 2), Resizing(4, 12)(image))
    assert Resizing(3, 4, "nearest")(image)[0, 0].tolist() == image[0, 0, 1::3, 1::2].tolist()
