"""`headrace run`: run a recipe, from raw data to a verified model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headrace.extras import require

__all__ = ["run"]

PACKAGES = ("torch", "accelerate", "tensorboard", "onnxscript", "matplotlib", "jinja2")


def run(
    recipe: Annotated[
        str, typer.Argument(help="cifar10, fashion_mnist, housing, movie_reviews, or your own Python file.")
    ],
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the full data [default: the embedded sample].")
    ] = None,
    out_dir: Annotated[
        Path | None, typer.Option(help="Folder of the results [default: runs/RECIPE].")
    ] = None,
    model: Annotated[str | None, typer.Option(help="One of the recipe's models.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training data.", min=1)] = None,
    batch_size: Annotated[int | None, typer.Option(help="Rows per step.", min=1)] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak of the learning rate schedule.")] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of splits, order, weights and dropout [default: 0].", min=0)
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over; delete the earlier run in the folder.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--print", help="Print the source of a built-in recipe, to start your own from.")
    ] = False,
) -> None:
    """Run a recipe; an interrupted run resumes where it stopped. Add --debug to any command for tracebacks.

    Without --epochs, --batch-size, --learning-rate and --seed, the recipe's
    training options are used.
    """
    from headrace.recipes import read_recipe

    if show:
        typer.echo(read_recipe(recipe), nl=False)
        return
    require(*PACKAGES, extra="train", purpose="headrace run")
    from headrace.cli.run_summary import print_summary
    from headrace.recipes import Run, RunOptions, execute, train_model

    training = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate, "seed": seed}
    options = RunOptions(
        recipe=recipe,
        data_dir=None if data_dir is None else str(data_dir),
        model=model,
        training={name: value for name, value in training.items() if value is not None},
    )
    job = Run(options, out_dir or Path("runs") / Path(recipe).stem, fresh=fresh)
    execute(job)
    print_summary(job, train_model(job))
    if not job.read_verdict().passed:
        raise typer.Exit(1)
