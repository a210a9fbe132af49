"""`headrace records stats`: what every feature holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from headrace.cli.records.arguments import AsJson, Sources

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from headrace.cli.records.feature_statistics import Numbers, Statistics

__all__ = ["stats"]


def stats(sources: Sources, as_json: AsJson = False) -> None:
    """Print counts, missing values, ranges and lengths of every feature, from one pass over all records."""
    from headrace.cli.records.feature_statistics import gather
    from headrace.data import Dataset

    records = Dataset.from_records(sources)
    found = gather(records.schema, records)
    if as_json:
        _print_json(found)
    else:
        _print(found)


def _print_json(found: list[Statistics]) -> None:
    import json
    import math
    from dataclasses import asdict

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(each) for name, each in value.items()}
        return None if isinstance(value, float) and math.isnan(value) else value

    rows = [plain({**asdict(each), "type": str(each.type)}) for each in found]
    typer.echo(json.dumps({"features": rows}, ensure_ascii=False, indent=2))


def _print(found: list[Statistics]) -> None:
    from headrace.cli.records.formatting import count_of
    from headrace.cli.records.table import console, fit

    screen = console()
    for table in (_numbers(found), _texts(found), _lists(found)):
        if table.row_count:
            screen.print(fit(table, screen))
            screen.print()
    screen.print(count_of(found[0].rows if found else 0, "record"))


def _missing(each: Statistics) -> str:
    values = max(each.rows, each.numbers.count + each.missing if each.numbers else 0)
    return f"{each.missing / values:.1%}" if each.missing else "–"


def _start(each: Statistics) -> tuple[Text, str, Text]:
    """The cells every table starts with: name, type, missing."""
    from headrace.cli.records.formatting import printable
    from headrace.cli.records.schema import layout
    from headrace.cli.records.table import cell

    missing = _missing(each)
    name = cell(printable(each.name, 40), "bold")
    return name, layout(each.type)[0], cell(missing, "dim" if missing == "–" else "")


def _range(numbers: Numbers) -> tuple[str, str, str]:
    from headrace.cli.records.formatting import number

    if not numbers.count:
        return "–", "–", "–"
    return number(numbers.min), number(numbers.mean), number(numbers.max)


def _numbers(found: list[Statistics]) -> Table:
    from headrace.cli.records.table import table

    right = ("missing", "min", "mean", "max", "zeros")
    shown = table("numbers", "type", *right, right=right)
    for each in found:
        if numbers := each.numbers:
            zeros = f"{numbers.zeros / numbers.count:.1%}" if numbers.count else "–"
            shown.add_row(*_start(each), *_range(numbers), zeros)
    return shown


def _texts(found: list[Statistics]) -> Table:
    from headrace.cli.records.table import table

    right = ("missing", "bytes", "mean", "distinct")
    shown = table("text", "type", *right, "most frequent", right=right)
    for each in found:
        if each.sizes:
            low, mean, high = _range(each.sizes)
            span = low if low == high else f"{low}–{high}"
            shown.add_row(*_start(each), span, mean, *_words(each))
    return shown


def _words(each: Statistics) -> tuple[str, Text]:
    from headrace.cli.records.formatting import printable
    from headrace.cli.records.table import cell

    if each.words is None:
        return "–" if "binary" in str(each.type) else "> 100,000", cell("–", "dim")
    if each.sizes and each.words.distinct == each.sizes.count:
        return f"{each.words.distinct:,}", cell("all different", "dim")
    frequent = (f"{printable(word, 24)} ({count:,})" for word, count in each.words.frequent)
    return f"{each.words.distinct:,}", cell(", ".join(frequent) or "–")


def _lists(found: list[Statistics]) -> Table:
    from headrace.cli.records.table import table

    right = ("missing", "min length", "mean", "max", "empty", "values")
    shown = table("lists", "type", *right, right=right)
    for each in found:
        leaves = each.numbers or each.sizes
        if each.lengths and leaves:
            row = (*_range(each.lengths), f"{each.lengths.zeros:,}", f"{leaves.count:,}")
            shown.add_row(*_start(each), *row)
    return shown
