"""`headrace models list`: what there is."""

from __future__ import annotations

import typer

from headrace.extras import require

__all__ = ["list_models"]


def list_models() -> None:
    """Print each model's name and number of parameters, as published."""
    require("torch", extra="train", purpose="headrace models list")
    import torch

    from headrace import vision

    for name in vision.list_models():
        with torch.device("meta"):  # shapes alone, no numbers
            model = vision.create_model(name)
        parameters = sum(weight.numel() for weight in model.parameters())
        typer.echo(f"{name:24}{parameters:>14,} parameters")
