"""Filters of convolutions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from headrace.arguments import check_integer
from headrace.errors import UsageError
from headrace.nn import check_model
from headrace.vision.visualize.capture import Layer, find_path

__all__ = ["filters", "line_filters"]


def line_filters(size: int = 7, channels: int = 3) -> nn.Conv2d:
    """Create a convolution of two filters, a vertical and a horizontal line, white on black in each channel.

    The output keeps the height and width of the image. The first map shows the vertical lines of a
    photograph, the second map the horizontal lines.

    Args:
        size: Height and width of the filters, an odd number.
        channels: Number of channels of the image.

    Raises:
        UsageError: `size` is not a positive odd number, or `channels` is below 1.

    Example:
        >>> line_filters()(torch.rand(2, 3, 40, 60)).shape
        torch.Size([2, 2, 40, 60])
    """
    size, channels = check_integer(size, "size", 1), check_integer(channels, "channels", 1)
    if size % 2 == 0:
        raise UsageError(f"expected an odd filter size, got {size}", hint="pass 3, 5, 7, ...")
    convolution = nn.Conv2d(channels, 2, size, padding=size // 2, bias=False)
    with torch.no_grad():
        convolution.weight.zero_()
        convolution.weight[0, :, :, size // 2] = 1
        convolution.weight[1, :, size // 2, :] = 1
    return convolution


def filters(model: nn.Module, layer: Layer | None = None) -> Tensor:
    """Return a copy of a convolution's filters.

    Args:
        model: The model, which is not changed.
        layer: The convolution, or its path in the model; None for the first convolution, whose filters have
            the channels of the image.

    Returns:
        A tensor [maps, channels, height, width].

    Raises:
        UsageError: The layer does not exist or is not a convolution.
    """
    if layer is not None:
        found = model.get_submodule(find_path(model, layer))
    else:
        found = next((each for each in check_model(model).modules() if isinstance(each, nn.Conv2d)), None)
    if not isinstance(found, nn.Conv2d):
        what = "the model has no convolution" if layer is None else f"layer '{layer}' is not a convolution"
        raise UsageError(what, hint="name an nn.Conv2d")
    return found.weight.detach().clone()
