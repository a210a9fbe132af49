"""The arguments of `headrace run`, and what it prints."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import typer

from headrace.arguments import check_number
from headrace.cli.run.training_flags import add_training_flags
from headrace.extras import require

__all__ = ["run"]

PACKAGES = ("torch", "tensorboard", "onnxscript", "matplotlib", "jinja2")


@add_training_flags
def run(
    recipe: Annotated[
        str, typer.Argument(help="cifar10, fashion_mnist, housing, movie_reviews, or your own Python file.")
    ],
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the full data.", show_default="the embedded sample")
    ] = None,
    out_dir: Annotated[
        Path | None, typer.Option(help="Folder of the results.", show_default="runs/RECIPE")
    ] = None,
    model: Annotated[str | None, typer.Option(help="One of the recipe's models.")] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over; delete the earlier run in the folder.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--print", help="Print the source of a built-in recipe, to start your own from.")
    ] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Show where up to 200 training steps spend their time.")
    ] = False,
    training: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Run a recipe; an interrupted run resumes where it stopped. Add --debug to any command for tracebacks.

    Training options that are not given are the recipe's; --seed also seeds splits, order and first weights.
    """
    from headrace.recipes import read_recipe

    if show:
        typer.echo(read_recipe(recipe), nl=False)
        return
    require(*PACKAGES, extra="train", purpose="headrace run")
    from headrace.cli.run.summary import print_summary
    from headrace.recipes import Run, RunOptions, execute, train_model
    from headrace.training.ranks import join_ranks

    options = RunOptions(
        recipe=recipe,
        data_dir=None if data_dir is None else str(data_dir),
        model=model,
        training={**training, "profile": True} if profile else training,
    )
    folder = out_dir or Path("runs") / Path(recipe).stem
    with join_ranks(check_number(training.get("rank_timeout", 600.0), "rank_timeout", above=0)) as ranks:
        if not ranks.is_first:
            warnings.simplefilter("ignore")  # the first rank prints them
            ranks.wait()
        job = Run(options, folder, fresh=fresh and ranks.is_first)
        if ranks.is_first:
            ranks.wait()
        execute(job)
        result = train_model(job)
    if not ranks.is_first:
        return
    print_summary(job, result)
    if not job.read_verdict().passed:
        raise typer.Exit(1)
