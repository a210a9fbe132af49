"""Resizing in ONNX of images whose size is known when the model is fed; see `ResizeAxis`.

The integers, the quotients and the order of the sums are those of the training path.
"""

from __future__ import annotations

from typing import Any

import ndonnx as ndx
import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

__all__ = ["lower_nearest", "lower_taps"]


def lower_nearest(x: ndx.Array, after: int, axis: int) -> ndx.Array:
    """Take the input pixel below the centre of each output pixel."""
    image = x.unwrap_spox()
    place = op.div(op.mul(_int(2 * np.arange(after) + 1), _size(image, axis)), _int(2 * after))
    return ndx.asarray(op.cast(op.gather(image, place, axis=axis), to=np.float32))


def lower_taps(x: ndx.Array, after: int, axis: int, antialias: bool) -> ndx.Array:
    """Add the weighted input pixels of each output pixel, tap by tap."""
    if axis == -2 and isinstance(channels := x.shape[-1], int) and channels > 1:
        return _lower_lines(x, after, channels, antialias)
    image = x.unwrap_spox()
    places, shares, count = _taps(_size(image, axis), after, antialias)
    return ndx.asarray(_add_taps(image, places, shares, count, axis))


def _lower_lines(x: ndx.Array, after: int, channels: int, antialias: bool) -> ndx.Array:
    """Do the same along lines of pixels of few channels: as lines of values, which are multiplied at once."""
    image = x.unwrap_spox()
    width, others = _size(image, -2), op.slice(op.shape(image), _int([0]), _int([-2]))
    places, shares, count = _taps(width, after, antialias)
    values = op.add(op.mul(op.unsqueeze(places, _int([2])), _int(channels)), _int(np.arange(channels)))
    lines = _int([-1, after * channels])
    total = _add_taps(
        op.reshape(image, op.concat([others, op.reshape(op.mul(width, _int(channels)), _int([1]))], axis=0)),
        op.reshape(values, lines),
        op.reshape(op.tile(op.unsqueeze(shares, _int([2])), _int([1, 1, channels])), lines),
        count,
        -1,
    )
    copied = [0] * (x.ndim - 2)  # dimensions of the lines, which keep their sizes
    return ndx.asarray(op.reshape(total, _int([*copied, after, channels])))


def _add_taps(image: Var, places: Var, shares: Var, count: Var, axis: int) -> Var:
    across = op.const(np.array([-1, *(1 for _ in range(-1 - axis))]))

    def weigh(tap: Var) -> Var:
        part = op.cast(op.gather(image, op.gather(places, tap), axis=axis), to=np.float32)
        return op.mul(part, op.reshape(op.gather(shares, tap), across))

    def add(tap: Var, go_on: Var, total: Var) -> list[Var]:
        after_first = op.reshape(op.add(tap, _int(1)), op.const(np.zeros(0, np.int64)))  # no dimensions
        return [go_on, op.add(total, weigh(after_first))]

    others = op.sub(op.unsqueeze(count, _int([0])), _int(1))
    (total,) = op.loop(others, op.const(np.array([True])), v_initial=[weigh(_int(0))], body=add)
    return total


def _taps(before: Var, after: int, antialias: bool) -> tuple[Var, Var, Var]:
    """Compute places, int64 [taps, after], weights, float32 [taps, after], and how many taps have one."""
    reach = op.mul(op.max([before, _int(after)]), _int(2)) if antialias else _int(2 * after)
    center = op.mul(_int(2 * np.arange(after) + 1), before)
    if not antialias:
        last = op.mul(op.sub(op.mul(before, _int(2)), _int(1)), _int(after))
        center = op.min([op.max([center, _int(after)]), last])
    start = op.add(op.sub(center, reach), _int(after))
    first = op.div(op.max([start, _int(0)]), _int(2 * after))
    count = op.min([before, op.div(op.add(reach, _int(after - 1)), _int(after))])
    taps = op.unsqueeze(op.range(_int(0), count, _int(1)), _int([1]))
    place = op.add(first, taps)
    distance = op.abs(op.sub(op.mul(op.add(op.mul(place, _int(2)), _int(1)), _int(after)), center))
    weight = op.where(op.less(place, before), op.max([op.sub(reach, distance), _int(0)]), _int(0))
    total = op.reduce_sum(weight, _int([0]), keepdims=True)
    share = op.div(op.cast(weight, to=np.float64), op.cast(total, to=np.float64))
    used = op.where(op.greater(weight, _int(0)), op.add(taps, _int(1)), _int(0))
    most = op.reduce_max(used, keepdims=False)
    return op.min([place, op.sub(before, _int(1))]), op.cast(share, to=np.float32), most


def _size(image: Var, axis: int) -> Var:
    """Return the size of an axis, an integer without dimensions."""
    shape = op.shape(image)
    return op.gather(shape, _int(axis))


def _int(value: Any) -> Var:
    return op.const(np.asarray(value, np.int64))
