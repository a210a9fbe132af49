"""Resize and crop decoded images as they are fed, channels last; then move the channels of the result."""

from __future__ import annotations

from dataclasses import replace

from headrace.transform.graph.graph import Graph, Node
from headrace.transform.graph.infer_type import infer_type
from headrace.transform.graph.op import Op
from headrace.transform.ops.images.crop import CropToAspectRatio
from headrace.transform.ops.images.decode import DecodeImage
from headrace.transform.ops.images.resize import ResizeAxis
from headrace.transform.ops.numbers.shape import Transpose

__all__ = ["move_channels"]

_TO_FRONT = Transpose((2, 0, 1))


def move_channels(graph: Graph) -> Graph:
    """Move the channels of decoded images to the front after resizes and crops, not before.

    Values stay identical: the same sums resample an axis. A photo is not copied as a whole, and its lines are
    gathered by pixels of three values.
    """
    return graph.rewrite(_change)


def _change(node: Node) -> Node:
    if isinstance(node.what, DecodeImage) and not node.what.channels_last:
        return _put_in_front(node, DecodeImage(channels_last=True), node.inputs)
    if not node.inputs or node.inputs[0].what != _TO_FRONT:
        return node
    before = node.inputs[0].inputs
    if isinstance(node.what, ResizeAxis):
        return _put_in_front(node, replace(node.what, axis=node.what.axis - 1), before)
    if isinstance(node.what, CropToAspectRatio) and not node.what.channels_last:
        return _put_in_front(node, replace(node.what, channels_last=True), before)
    return node


def _put_in_front(node: Node, op: Op, inputs: tuple[Node, ...]) -> Node:
    """Replace a node by another op of images with the channels last, whose channels are then moved."""
    last = replace(node, what=op, inputs=inputs, type=infer_type(op, *(each.type for each in inputs)))
    return replace(node, what=_TO_FRONT, inputs=(last,))
