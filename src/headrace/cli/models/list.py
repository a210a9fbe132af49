"""`headrace models list`: list the models of the zoo."""

from __future__ import annotations

import typer

from headrace.extras import require

__all__ = ["list_models"]


def list_models() -> None:
    """Print the name and the number of parameters of each model, as published."""
    require("torch", extra="train", purpose="headrace models list")
    import torch

    from headrace import vision

    for name in vision.list_models():
        with torch.device("meta"):  # allocates no memory for weights
            model = vision.create_model(name)
        parameters = sum(weight.numel() for weight in model.parameters())
        typer.echo(f"{name:24}{parameters:>14,} parameters")
