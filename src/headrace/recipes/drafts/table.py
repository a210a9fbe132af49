"""The recipe for a table: numbers, categories and dates of a row predict its label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headrace.inspection import Findings
from headrace.recipes.drafts.label import write_classes, write_recipe_call, write_scale
from headrace.recipes.drafts.names import rename_columns
from headrace.recipes.drafts.origin import Origin
from headrace.recipes.drafts.preprocess import SCALE_BY_RANK, list_ranked, write_date_parts, write_preprocess
from headrace.recipes.drafts.python_text import write_call, write_dict, write_literal, write_tuple
from headrace.recipes.drafts.rows import write_imports, write_introduction, write_load
from headrace.recipes.drafts.schedule import has_many_rows, write_options
from headrace.recipes.drafts.steps import Step, list_steps

__all__ = ["write_table_recipe"]

_WORDS = 100  # of each text beside other columns


def write_table_recipe(findings: Findings, origin: Origin) -> str:
    """Write the recipe for a table as Python source."""
    used = [role.column for role in findings.roles if role.use not in ("label", "left out")]
    renamed = rename_columns(used, findings)
    steps = list_steps(findings, renamed)
    inputs = f"{len(used):,} column{'s' * (len(used) != 1)}"
    head = [
        write_introduction(findings, origin, inputs),
        write_imports(origin, steps),
        _write_constants(findings, origin, renamed, steps),
    ]
    return "\n\n\n".join(
        [
            "\n\n".join(head),
            *write_load(findings, origin, renamed, steps),
            *([SCALE_BY_RANK] if list_ranked(findings) else []),
            *([write_date_parts(findings)] if findings.list_columns("date") else []),
            write_preprocess(findings),
            _write_model(findings),
            write_recipe_call(findings.label, write_options(findings)),
        ]
    )


def _write_constants(
    findings: Findings, origin: Origin, renamed: Mapping[str, str], steps: Sequence[Step]
) -> str:
    lines = [] if origin.folder is None else [f"FOLDER = {origin.folder}"]
    lines += [step.constants for step in steps if step.constants]
    numbers = findings.list_columns("number")
    ranked = list_ranked(findings)
    lists = {
        "NUMBERS": numbers,
        "RANKED": ranked if len(ranked) < len(numbers) else [],
        "SOMETIMES_MISSING": [each for each in numbers if each.missing],
        "CATEGORIES": findings.list_columns("category"),
        "TEXTS": findings.list_columns("text"),
    }
    for name, columns in lists.items():
        if columns:
            lines.append(write_tuple(name, [renamed.get(each.name, each.name) for each in columns]))
    if findings.list_columns("text"):
        lines.append(f"WORDS = {_WORDS}")
    if dates := findings.list_columns("date"):
        pairs = {renamed.get(each.name, each.name): each.dates and each.dates.format for each in dates}
        lines.append(write_dict("DATES = {", pairs))
    if findings.label.kind == "classes":
        lines.append(write_classes(findings.label))
    return "\n".join(lines)


def _write_model(findings: Findings) -> str:
    arguments = ["transform", f"label={write_literal(findings.label.name)}", *write_scale(findings.label)]
    if findings.label.kind == "number" and has_many_rows(findings):
        arguments.append("dropout=0.0")
    call = write_call("    return hr.nn.TableNetwork.from_transform(", arguments, ")")
    doc = "Build a network for the columns and vocabularies of the transform."
    return f'def build_model(transform, _name):\n    """{doc}"""\n{call}'
