"""Options of commands that read CSV files or JSON lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from headrace.data.formats import Origin

__all__ = ["ColumnTypes", "Delimiter", "Encoding", "Header", "make_origin"]

Delimiter = Annotated[
    str | None, typer.Option(help="CSV: the character between fields, or tab.", show_default="as found")
]
Header = Annotated[
    bool | None,
    typer.Option(
        "--header/--no-header", help="CSV: whether the first line names the columns.", show_default="as found"
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(help="CSV: the encoding, such as latin-1.", show_default="UTF-8, or by the byte order mark"),
]
ColumnTypes = Annotated[
    list[str] | None,
    typer.Option(
        "--type",
        help="CSV, JSON lines: the type of a column, such as zip=string; for several columns, repeat it.",
        metavar="COLUMN=TYPE",
        show_default="inferred",
    ),
]


def make_origin(
    path: str,
    delimiter: str | None,
    header: bool | None,
    encoding: str | None,
    types: list[str] | None,
) -> Origin:
    """Describe the files that a command reads.

    Args:
        path: The path or glob.
        delimiter: The argument of --delimiter.
        header: The argument of --header.
        encoding: The argument of --encoding.
        types: The arguments of --type.

    Raises:
        UsageError: An invalid delimiter, encoding or type.
    """
    from headrace.data.formats import Origin
    from headrace.data.sources import CsvDialect

    dialect = CsvDialect.create(delimiter, header, encoding)
    declared = dict(map(_parse_type, types or ()))
    return Origin(path, None, None if dialect == CsvDialect() else dialect, declared or None)


def _parse_type(given: str) -> tuple[str, str]:
    from headrace.errors import UsageError

    name, equals, type_ = given.rpartition("=")
    if not equals or not name:
        raise UsageError(f"--type: expected COLUMN=TYPE, got {given!r}", hint="pass --type zip=string")
    return name, type_
