"""The `headrace` command: registers the subcommands and reports errors."""

from __future__ import annotations

import sys
import warnings
from codecs import lookup
from io import TextIOWrapper
from typing import Any, TextIO, cast

import typer
import typer.core

from headrace.cli import analyze, datasets, explain, models, predict, records, run, transform, verify
from headrace.cli.foreign_errors import convert_error
from headrace.cli.hide_pandas import hide_pandas
from headrace.errors import HeadraceError

__all__ = ["app", "main"]


class _Commands(typer.core.TyperGroup):
    """Keeps the end of a file that is cut short from click, which takes it for Ctrl-D and prints "Aborted"."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except EOFError as error:
            raise cast("HeadraceError", convert_error(error)) from error


app = typer.Typer(
    cls=_Commands,
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

    A `HeadraceError`, and an error of the operating system or of another library, is printed as one line,
    with exit code 2; with --debug its traceback is shown. A warning is printed as one line.

    Args:
        arguments: The words after `headrace`; by default those of the process.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    _accept_any_text(sys.stdout)
    if arguments is None and words[:1] == ["predict"] and "--help" not in words:
        hide_pandas()
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _print_warning
            app([word for word in words if word != "--debug"])
    except Exception as error:
        line = convert_error(error)
        if debug or line is None:
            raise
        print(f"{type(line).__name__}: {line}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None


def _accept_any_text(stream: TextIO) -> None:
    """Print names of files as the bytes that they are, and what the terminal lacks as escapes."""
    if isinstance(stream, TextIOWrapper):
        is_utf8 = lookup(stream.encoding).name == "utf-8"
        stream.reconfigure(errors="surrogateescape" if is_utf8 else "backslashreplace")


def _print_warning(message: Warning | str, *_: object) -> None:
    print(f"warning: {message}", file=sys.stderr)  # noqa: T201
