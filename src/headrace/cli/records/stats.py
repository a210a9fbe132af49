"""`headrace records stats`: print statistics of each feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from headrace.cli.options import AsJson, Sources

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from headrace.cli.records.feature_statistics import FeatureStatistics, NumberSummary

__all__ = ["stats"]


def stats(sources: Sources, as_json: AsJson = False) -> None:
    """Print counts, missing values, ranges and lengths of each feature, from one pass over all records."""
    from headrace.cli.records.feature_statistics import collect_statistics
    from headrace.data import Dataset

    records = Dataset.from_records(sources)
    found = collect_statistics(records.schema, records)
    if as_json:
        _print_json(found)
    else:
        _print(found)


def _print_json(found: list[FeatureStatistics]) -> None:
    import json
    import math
    from dataclasses import asdict

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(each) for name, each in value.items()}
        return None if isinstance(value, float) and math.isnan(value) else value

    rows = [plain({**asdict(each), "type": str(each.type)}) for each in found]
    typer.echo(json.dumps({"features": rows}, ensure_ascii=False, indent=2))


def _print(found: list[FeatureStatistics]) -> None:
    from headrace.cli.drawing.formatting import format_count
    from headrace.cli.drawing.table import fit_table, make_console

    screen = make_console()
    for table in (_number_table(found), _text_table(found), _list_table(found)):
        if table.row_count:
            screen.print(fit_table(table, screen))
            screen.print()
    screen.print(format_count(found[0].rows if found else 0, "record"))


def _format_missing(each: FeatureStatistics) -> str:
    values = max(each.rows, each.numbers.count + each.missing if each.numbers else 0)
    return f"{each.missing / values:.1%}" if each.missing else "–"


def _first_cells(each: FeatureStatistics) -> tuple[Text, str, Text]:
    """Return the first cells of each table row: name, type, missing."""
    from headrace.cli.drawing.formatting import format_text
    from headrace.cli.drawing.table import make_cell
    from headrace.cli.records.schema import describe_type

    missing = _format_missing(each)
    name = make_cell(format_text(each.name, 40), "bold")
    return name, describe_type(each.type)[0], make_cell(missing, "dim" if missing == "–" else "")


def _format_range(numbers: NumberSummary) -> tuple[str, str, str]:
    from headrace.cli.drawing.formatting import format_number

    if not numbers.count:
        return "–", "–", "–"
    return format_number(numbers.min), format_number(numbers.mean), format_number(numbers.max)


def _number_table(found: list[FeatureStatistics]) -> Table:
    from headrace.cli.drawing.table import make_table

    right = ("missing", "min", "mean", "max", "zeros")
    shown = make_table("numbers", "type", *right, right=right)
    for each in found:
        if numbers := each.numbers:
            zeros = f"{numbers.zeros / numbers.count:.1%}" if numbers.count else "–"
            shown.add_row(*_first_cells(each), *_format_range(numbers), zeros)
    return shown


def _text_table(found: list[FeatureStatistics]) -> Table:
    from headrace.cli.drawing.table import make_table

    right = ("missing", "bytes", "mean", "distinct")
    shown = make_table("text", "type", *right, "most frequent", right=right)
    for each in found:
        if each.sizes:
            low, mean, high = _format_range(each.sizes)
            span = low if low == high else f"{low}–{high}"
            shown.add_row(*_first_cells(each), span, mean, *_format_words(each))
    return shown


def _format_words(each: FeatureStatistics) -> tuple[str, Text]:
    from headrace.cli.drawing.formatting import format_text
    from headrace.cli.drawing.table import make_cell

    if each.words is None:
        return "–" if "binary" in str(each.type) else "> 100,000", make_cell("–", "dim")
    if each.sizes and each.words.distinct == each.sizes.count:
        return f"{each.words.distinct:,}", make_cell("all different", "dim")
    frequent = (f"{format_text(word, 24)} ({count:,})" for word, count in each.words.frequent)
    return f"{each.words.distinct:,}", make_cell(", ".join(frequent) or "–")


def _list_table(found: list[FeatureStatistics]) -> Table:
    from headrace.cli.drawing.table import make_table

    right = ("missing", "min length", "mean", "max", "empty", "values")
    shown = make_table("lists", "type", *right, right=right)
    for each in found:
        leaves = each.numbers or each.sizes
        if each.lengths and leaves:
            row = (*_format_range(each.lengths), f"{each.lengths.zeros:,}", f"{leaves.count:,}")
            shown.add_row(*_first_cells(each), *row)
    return shown
