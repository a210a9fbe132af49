"""`headrace models`: the model zoo."""

from __future__ import annotations

import typer

__all__ = ["app"]

app = typer.Typer(help="The model zoo.", no_args_is_help=True)


@app.command("list")
def list_models() -> None:
    """Print each model's name and number of parameters."""
    from headrace import vision

    for name in vision.list_models():
        parameters = sum(weight.numel() for weight in vision.create_model(name).parameters())
        typer.echo(f"{name:24}{parameters:>14,} parameters")
