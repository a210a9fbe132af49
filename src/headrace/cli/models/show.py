"""`headrace models show`: print the layers of a model."""

from __future__ import annotations

from typing import Annotated

import typer

from headrace.errors import UsageError
from headrace.extras import require

__all__ = ["show"]


def show(
    name: Annotated[str, typer.Argument(help="The name of a model; see `headrace models list`.")],
    classes: Annotated[
        int | None, typer.Option(help="The number of classes.", show_default="as published")
    ] = None,
    channels: Annotated[
        int | None, typer.Option(help="The number of image channels.", show_default="as published")
    ] = None,
    size: Annotated[
        str | None, typer.Option(help="The image size, such as 28 or 28x32.", show_default="as published")
    ] = None,
    full: Annotated[bool, typer.Option(help="Print one line per layer, with its memory.")] = False,
) -> None:
    """Print a model's layers with shapes, parameters and multiplications, and its source."""
    require("torch", extra="train", purpose="headrace models show")
    import torch

    from headrace import vision
    from headrace.vision import find_model, format_stages

    spec = find_model(name)
    input_size = spec.input_size if size is None else _parse_size(size)
    with torch.device("meta"):  # allocates no memory for weights
        model = vision.create_model(name, num_classes=classes, in_channels=channels, input_size=input_size)
    shape = (channels or spec.in_channels, *input_size)
    typer.echo(str(vision.cost(model, shape)) if full else format_stages(model, shape))
    typer.echo(f"\n{spec.source}")
    if spec.parameters is not None:
        usual = f"{spec.num_classes:,} classes and {spec.in_channels} channels"
        typer.echo(f"{spec.parameters:,} parameters for {usual}: {spec.reference}")
    libraries = [by for by in spec.namings if not by.startswith("headrace")]
    if libraries:
        typer.echo(f"weights: {', '.join(libraries)}")
    if spec.mean is not None:
        typer.echo(f"their images: pixels of [0, 1], less {spec.mean}, divided by {spec.deviation}")


def _parse_size(text: str) -> tuple[int, int]:
    sides = text.lower().split("x")
    if not all(side.isdigit() and int(side) > 0 for side in sides) or len(sides) > 2:
        raise UsageError(f"--size: expected an image size, got {text!r}", hint="for example 28 or 28x32")
    return int(sides[0]), int(sides[-1])
