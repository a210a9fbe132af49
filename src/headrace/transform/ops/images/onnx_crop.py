"""Crops in ONNX of images whose size is known when the model is fed; see `CropToAspectRatio`."""

from __future__ import annotations

from typing import Any

import ndonnx as ndx
import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

__all__ = ["lower_crop"]


def lower_crop(x: ndx.Array, height: int, width: int, axes: tuple[int, int]) -> ndx.Array:
    """Cut the largest central part whose sides are as `height` to `width`."""
    image = x.unwrap_spox()
    sides = op.gather(op.shape(image), _int(axes))
    others = op.gather(sides, _int((1, 0)))
    wanted = op.div(op.mul(others, _int((height, width))), _int((width, height)))
    part = op.max([op.min([sides, wanted]), _int((1, 1))])
    start = op.div(op.sub(sides, part), _int((2, 2)))
    return ndx.asarray(op.slice(image, start, op.add(start, part), _int(axes)))


def _int(value: Any) -> Var:
    return op.const(np.asarray(value, np.int64))
