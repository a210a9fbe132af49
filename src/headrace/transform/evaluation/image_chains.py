"""Decode, crop, resize and scale the images of a column in one pass of the kernels, on several threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.images import FloatPlan, PixelStep, fill_pixels
from headrace.parallel import allocate_array
from headrace.transform.evaluation.rows_of_any_size import RowChain
from headrace.transform.graph.graph import Constant, Input, Node
from headrace.transform.graph.op import Op

__all__ = ["ImageChain", "find_image_chains"]

_STEPS = {
    "add": PixelStep.ADD,
    "subtract": PixelStep.SUBTRACT,
    "multiply": PixelStep.MULTIPLY,
    "divide": PixelStep.DIVIDE,
}
_SAME_EITHER_WAY = ("add", "multiply")


@dataclass(frozen=True)
class ImageChain:
    """The steps from encoded images to scaled pixels of one size.

    Attributes:
        rows: The steps up to the resized pixels: the definition, which evaluates the rows that the kernels
            leave out, such as images of other formats, and raises the errors of damaged ones.
        scaled: The steps of arithmetic after that.
        plan: The same for the kernels.
    """

    rows: RowChain
    scaled: tuple[Node, ...]
    plan: FloatPlan

    @property
    def sources(self) -> tuple[Node, ...]:
        """The column of encoded images."""
        return self.rows.sources

    def evaluate(self, files: Any) -> np.ndarray:
        """Compute the pixels of all rows; see `RowChain.evaluate`."""
        pixels = allocate_array((len(files), *self.rows.end.type.shape), np.float32)
        for row in fill_pixels(files, self.plan, pixels):
            pixels[row] = self._evaluate_row(files, row)[0]
        return pixels

    def _evaluate_row(self, files: Any, row: int) -> Any:
        value = self.rows.evaluate_row(files, row=row)
        for node in self.scaled:
            inputs = [each.what.value if isinstance(each.what, Constant) else value for each in node.inputs]
            op: Any = node.what
            value = op.evaluate(*inputs)
        return value


def find_image_chains(
    order: Iterable[Node], outputs: Iterable[Node], rows: Mapping[Node, RowChain | None]
) -> dict[Node, ImageChain | None]:
    """Find the chains that the kernels compute, by their last nodes; None for the nodes before it.

    Args:
        order: Nodes, each after its inputs.
        outputs: The nodes whose values are requested.
        rows: The chains of images of any size.
    """
    order, outputs = list(order), set(outputs)
    uses = Counter(each for node in order for each in node.inputs)
    users = {each: node for node in order for each in node.inputs}
    chains: dict[Node, ImageChain | None] = {}
    for end, chain in rows.items():
        plan = None if chain is None else _plan_pixels(chain)
        if chain is None or plan is None:
            continue
        scaled: list[Node] = []
        while uses[end] == 1 and end not in outputs:
            step = _read_step(users[end], end, plan.channels_last)
            if step is None:
                break
            plan = plan.add(*step)
            chains[end] = None
            end = users[end]
            scaled.append(end)
        chains[end] = ImageChain(chain, tuple(scaled), plan)
    return chains


def _plan_pixels(chain: RowChain) -> FloatPlan | None:
    """Describe the steps for the kernels; None if they are others than decoding, cropping and resizing."""
    first, *others = chain.nodes
    ops: list[Any] = [node.what for node in chain.nodes]
    if len(chain.sources) != 1 or not isinstance(chain.sources[0].what, Input):
        return None
    names = [getattr(op, "name", "") for op in ops]
    if names not in (_RESIZED, _CROPPED) or any(len(node.inputs) != 1 for node in others):
        return None
    before = [node.inputs[0] for node in others]
    if before != [first, *others[:-1]]:
        return None
    decode, *crop, wide, high = ops
    last = -2 if decode.channels_last else -1
    if (wide.axis, high.axis) != (last, last - 1):
        return None
    if (wide.antialias, wide.nearest) != (high.antialias, high.nearest):
        return None
    if any(each.channels_last != decode.channels_last for each in crop):
        return None
    ratio = (crop[0].height, crop[0].width) if crop else None
    return FloatPlan(decode.channels_last, high.antialias, high.nearest, ratio)


_RESIZED = ["decode_image", "resize_axis", "resize_axis"]
_CROPPED = ["decode_image", "crop_to_aspect_ratio", "resize_axis", "resize_axis"]


def _read_step(node: Node, image: Node, channels_last: bool) -> tuple[PixelStep, np.ndarray] | None:
    """Read a step of arithmetic with a constant per channel: the step, and the constants of the channels."""
    name = node.what.name if isinstance(node.what, Op) else ""
    if name not in _STEPS or node.type != image.type or len(node.inputs) != 2:
        return None
    other = node.inputs[1] if node.inputs[0] is image else node.inputs[0]
    if node.inputs[0] is not image and name not in _SAME_EITHER_WAY:
        return None
    if not isinstance(other.what, Constant):
        return None
    value = np.asarray(other.what.value)
    shape = (1, 1, 3) if channels_last else (3, 1, 1)
    if value.dtype != np.float32 or (value.size != 1 and value.shape != shape):
        return None
    return _STEPS[name], np.broadcast_to(value.reshape(-1), 3)
