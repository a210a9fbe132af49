"""`headrace models list`: what there is."""

from __future__ import annotations

import typer

__all__ = ["list_models"]


def list_models() -> None:
    """Print each model's name and number of parameters."""
    from headrace import vision

    for name in vision.list_models():
        parameters = sum(weight.numel() for weight in vision.create_model(name).parameters())
        typer.echo(f"{name:24}{parameters:>14,} parameters")
