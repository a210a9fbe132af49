"""The `headrace` command: registers the subcommands and reports errors."""

from __future__ import annotations

import sys
import warnings
from codecs import lookup
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Any, TextIO, cast

import typer
import typer.core

from headrace.cli.foreign_errors import convert_error
from headrace.errors import HeadraceError
from headrace.parallel import limit_spinning

__all__ = ["main"]

# Each command is in a module of its name.
_COMMANDS = ("init", "run", "verify", "predict", "analyze", "transform", "explain")
_GROUPS = ("records", "datasets", "models")


class _Commands(typer.core.TyperGroup):
    """Keeps the end of a file that is cut short from click, which takes it for Ctrl-D and prints "Aborted"."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except EOFError as error:
            raise cast("HeadraceError", convert_error(error)) from error


def _make_app(names: Sequence[str]) -> typer.Typer:
    """Register commands; only their modules are loaded."""
    app = typer.Typer(
        cls=_Commands,
        name="headrace",
        help="Preprocessing defined once: from raw records to a PyTorch model to one ONNX file, without skew.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(_do_nothing)  # without it, the only command of an app has no name
    for name in names:
        module = import_module(f"headrace.cli.{name}")
        if name in _GROUPS:
            app.add_typer(module.app, name=name)
        else:
            app.command()(getattr(module, name))
    return app


def _do_nothing() -> None:
    pass


def main(arguments: list[str] | None = None) -> None:
    """Run the command line.

    A `HeadraceError`, and an error of the operating system or of another library, is printed as one line,
    with exit code 2; with --debug its traceback is shown. A warning is printed as one line.

    Args:
        arguments: The words after `headrace`; by default those of the process.
    """
    limit_spinning()
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    _accept_any_text(sys.stdout)
    if arguments is None and words[:1] == ["predict"] and "--help" not in words:
        from headrace.cli.hide_pandas import hide_pandas  # loads Arrow

        hide_pandas()
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _print_warning
            words = [word for word in words if word != "--debug"]
            known = (*_COMMANDS, *_GROUPS)
            _make_app(words[:1] if words[:1] and words[0] in known else known)(words)
    except Exception as error:
        line = convert_error(error)
        if debug or line is None:
            raise
        if isinstance(error, SystemExit):  # of another rank, which prints it
            raise SystemExit(2) from None
        line.rank = getattr(error, "rank", None)
        print(f"{type(line).__name__}: {line}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None


def _accept_any_text(stream: TextIO) -> None:
    """Print names of files as the bytes that they are, and what the terminal lacks as escapes."""
    if isinstance(stream, TextIOWrapper):
        is_utf8 = lookup(stream.encoding).name == "utf-8"
        stream.reconfigure(errors="surrogateescape" if is_utf8 else "backslashreplace")


def _print_warning(message: Warning | str, *_: object) -> None:
    print(f"warning: {message}", file=sys.stderr)  # noqa: T201
