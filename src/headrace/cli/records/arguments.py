"""Arguments that several verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["AsJson", "Sources"]

Sources = Annotated[
    list[str], typer.Argument(help="Record files, a quoted glob such as 'train-*.tfrecord', or a base name.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
