"""`headrace run`: a recipe, from raw data to a verified model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["run"]


def run(
    recipe: Annotated[
        str, typer.Argument(help="cifar10, fashion_mnist, housing, movie_reviews, or a Python file of yours.")
    ],
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the full data; without it, the embedded sample.")
    ] = None,
    out_dir: Annotated[
        Path | None, typer.Option(help="Folder of the results [default: runs/RECIPE].")
    ] = None,
    model: Annotated[str | None, typer.Option(help="One of the recipe's models.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training data.", min=1)] = None,
    batch_size: Annotated[int | None, typer.Option(help="Rows a step.", min=1)] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The schedule's peak.")] = None,
    seed: Annotated[int, typer.Option(help="Of splits, order, weights and dropout.", min=0)] = 0,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over; delete the folder's earlier run.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--print", help="Print the recipe's source, to start your own from.")
    ] = False,
) -> None:
    """Run a recipe; an interrupted run goes on where it stopped. Add --debug to any command for tracebacks."""
    from headrace.recipes.find import recipe_source

    if show:
        typer.echo(recipe_source(recipe), nl=False)
        return
    from headrace.cli.run_summary import print_summary
    from headrace.recipes.run import Run, RunOptions

    options = RunOptions(
        recipe=recipe,
        data_dir=None if data_dir is None else str(data_dir),
        model=model,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        seed=seed,
    )
    job = Run(options, out_dir or Path("runs") / Path(recipe).stem, fresh=fresh)
    job.execute()
    print_summary(job)
    if not job.verdict.passed:
        raise typer.Exit(1)
