"""The function `preprocess` of the recipe for a table."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from headrace.inspection import Column, Findings
from headrace.recipes.drafts.label import write_label
from headrace.recipes.drafts.names import choose_name
from headrace.recipes.drafts.python_text import write_call, write_literal
from headrace.recipes.drafts.schedule import has_many_rows

__all__ = ["SCALE_BY_RANK", "list_ranked", "write_date_parts", "write_preprocess"]

_MANY = 20  # distinct numbers
_LARGE_VOCABULARY = 100  # distinct words beyond which rare ones share a place


def write_date_parts(findings: Findings) -> str:
    """Write the function that splits dates into parts."""
    dates = [each.dates for each in findings.list_columns("date") if each.dates is not None]
    parts = ['t.cycle(t.date_part(date, "day_of_year"), 365.25)', 't.cycle(t.date_part(date, "weekday"), 7)']
    if any(each.has_time for each in dates):
        parts.append('t.cycle(t.date_part(date, "hour"), 24)')
    what, years = "the place of a date in its year, week and day", ""
    if not any(each.has_time for each in dates):
        what = "the place of a date in its year and week"
    if findings.time_column is None:  # else the test rows would lie outside of what the network has seen
        parts.insert(0, "t.scale_to_z_score(years)")
        what += ", and the years since 2000"
        years = '    years = t.elapsed(date, since="2000-01-01", unit="years")\n'
    listed = "".join(f"        {each},\n" for each in parts)
    return (
        f'def describe_date(date):\n    """Compute {what}; 0 if it is missing."""\n'
        f"    t = hr.transform\n{years}    parts = [\n{listed}    ]\n"
        '    return [t.fill_missing(t.cast(part, "float32"), 0.0) for part in parts]'
    )


SCALE_BY_RANK = '''\
def scale_by_rank(x):
    """Compute the place of a number among the quantiles of the training rows."""
    t = hr.transform
    place = t.apply_buckets_with_interpolation(x, t.quantiles(x, 64))
    return t.cast(t.scale_to_z_score(place), "float32")'''


def list_ranked(findings: Findings) -> list[Column]:
    """List the numbers that are also scaled by rank: those of many values, in tables of many rows."""
    if not has_many_rows(findings):
        return []
    return [each for each in findings.list_columns("number") if each.distinct > _MANY]


def write_preprocess(findings: Findings) -> str:
    """Write the function."""
    numbers, categories = findings.list_columns("number"), findings.list_columns("category")
    dates, texts = findings.list_columns("date"), findings.list_columns("text")
    lines: list[str] = []
    what: list[str] = []
    if numbers:
        what.append("fill and scale numbers")
        lines += _write_numbers(numbers, list_ranked(findings))
    elif dates or texts:
        lines.append("    numbers = []")
    if dates:
        what.append("split dates into parts")
        lines.append("    for name, form in DATES.items():")
        lines.append("        numbers += describe_date(t.parse_timestamp(inputs[name], form))")
    if texts:
        what.append("mark frequent words of texts")
        lines += _TEXTS
    outputs: list[str] = []
    if numbers or dates or texts:
        outputs.append(f"{write_literal(_name_numbers(findings))}: t.concatenate(numbers),")
    if categories:
        what.append("look up categories")
        lines += _write_categories(categories)
        outputs.append("**categories,")
    what.append("number the classes" if findings.label.kind == "classes" else "keep the label")
    outputs.append(f"{write_literal(findings.label.name)}: {write_label(findings.label)},")
    text = "; ".join(what)
    returned = "\n".join(f"        {each}" for each in outputs)
    body = "\n".join(lines)
    return (
        f'def preprocess(inputs):\n    """{text[0].upper()}{text[1:]}."""\n    t = hr.transform\n'
        f"{body}\n    return {{\n{returned}\n    }}"
    )


_TEXTS = [
    "    for name in TEXTS:",
    "        tokens = t.tokenize(inputs[name])",
    "        words = t.compute_and_apply_vocabulary(tokens, top_k=WORDS)",
    "        numbers.append(t.multi_hot(words, WORDS))",
]


def _name_numbers(findings: Findings) -> str:
    taken = {findings.label.name, *(each.name for each in findings.list_columns("category"))}
    return "numbers" if "numbers" not in taken else choose_name("all_numbers", taken)


def _write_numbers(numbers: Sequence[Column], ranked: Sequence[Column]) -> list[str]:
    value = "inputs[name]"
    if any(pa.types.is_boolean(each.type) and not each.mixed for each in numbers):
        value = 't.cast(inputs[name], "float64")'
    lines = [
        f"    values = [{value} for name in NUMBERS]",
        "    filled = [t.fill_missing(x, t.mean(x)) for x in values]",
        "    numbers = [t.scale_to_z_score(x) for x in filled]",
    ]
    if ranked and len(ranked) == len(numbers):
        lines.append("    numbers += [scale_by_rank(x) for x in filled]")
    elif ranked:
        pairs = "zip(NUMBERS, filled, strict=True)"
        lines.append(f"    ranked = [x for name, x in {pairs} if name in RANKED]")
        lines.append("    numbers += [scale_by_rank(x) for x in ranked]")
    if any(each.missing for each in numbers):
        lines.append("    numbers += [t.is_missing(inputs[name]) for name in SOMETIMES_MISSING]")
    return lines


def _write_categories(categories: Sequence[Column]) -> list[str]:
    options = ["num_oov_buckets=1"]
    if any(each.distinct > _LARGE_VOCABULARY for each in categories):
        options = ["top_k=1000", "frequency_threshold=3", *options]
    call = write_call("        name: t.compute_and_apply_vocabulary(", ["inputs[name]", *options], ")")
    return ["    categories = {", call, "        for name in CATEGORIES", "    }"]
