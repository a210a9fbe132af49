"""The `headrace` command: registers the subcommands and reports errors."""

from __future__ import annotations

import sys

import typer

from headrace.cli import analyze, datasets, explain, models, predict, records, run, transform, verify
from headrace.errors import HeadraceError

__all__ = ["app", "main"]

app = typer.Typer(
    name="headrace",
    help="Preprocessing defined once: from raw records to a PyTorch model to one ONNX file, without skew.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(run.run)
app.command()(verify.verify)
app.command()(predict.predict)
app.command()(analyze.analyze)
app.command()(transform.transform)
app.command()(explain.explain)
app.add_typer(records.app, name="records")
app.add_typer(datasets.app, name="datasets")
app.add_typer(models.app, name="models")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line.

    A `HeadraceError` is printed as one line, with exit code 2; with --debug its traceback is shown.

    Args:
        arguments: The words after `headrace`; by default those of the process.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    try:
        app([word for word in words if word != "--debug"])
    except HeadraceError as error:
        if debug:
            raise
        print(f"{type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None
