"""Parts of recipes that all kinds of rows share: the introduction, the imports, and `load`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headrace.inspection import Findings
from headrace.recipes.drafts.label import describe_label
from headrace.recipes.drafts.names import name_time
from headrace.recipes.drafts.origin import Origin
from headrace.recipes.drafts.python_text import fill, write_call, write_docstring, write_literal
from headrace.recipes.drafts.steps import Step

__all__ = ["write_imports", "write_introduction", "write_load"]

_FEWEST_OF_CLASS = 5  # rows of a class for it to have some in each part


def write_introduction(findings: Findings, origin: Origin, inputs: str) -> str:
    """Write the docstring: what is predicted, from what, and what was left out and why."""
    label = findings.label
    summary = f"Predict `{label.name}` ({describe_label(label)}) from {inputs} of {origin.title}."
    paragraphs = [fill("Written by `headrace init`, to be edited.")]
    if label.missing:
        paragraphs.append(fill(f"Rows without a label are left out: {label.missing:,} of {findings.rows:,}."))
    left_out = [role for role in findings.roles if role.use == "left out"]
    if left_out:
        lines = [fill(f"- `{role.column.name}`: {role.reason}", hanging=2) for role in left_out]
        paragraphs.append("\n".join(["Columns left out:", *lines]))
    kept = [role for role in findings.roles if role.use != "left out" and role.reason]
    paragraphs += [fill(f"`{role.column.name}` {role.reason}.") for role in kept]
    return write_docstring(fill(summary, reserve=3), paragraphs)


def write_imports(origin: Origin, steps: Sequence[Step], *more: str) -> str:
    """Write the imports that the data and its steps need, and more."""
    needed = {*more, *(line for step in steps for line in step.imports), "import headrace as hr"}
    standard = [*(["from pathlib import Path"] if origin.folder is not None else [])]
    standard = [*(line for line in ("import math",) if line in needed), *standard]
    installed = sorted(needed - {*standard}, key=lambda line: (line.startswith("from"), line))
    return "\n\n".join("\n".join(group) for group in (standard, installed) if group)


def write_load(
    findings: Findings, origin: Origin, renamed: Mapping[str, str], steps: Sequence[Step]
) -> list[str]:
    """Write the function that loads and splits the data, and the functions of its steps."""
    lines = [origin.write_open("    data = ")]
    calls = "".join(f".{step.call}" for step in steps)
    if len(calls) > 60:
        lines += [f"    data = data.{step.call}" for step in steps]
    elif calls:
        lines.append(f"    data = data{calls}")
    how, by = _choose_split(findings, renamed)
    lines.append(write_call("    train, validation, test = data.split(", ["0.7", "0.1", "0.2", *by], ")"))
    lines.append("    return hr.Splits(train=train, validation=validation, test=test)")
    body = "\n".join(lines)
    load = f'def load(data_dir):\n    """Load the rows; {how}."""\n{body}'
    return [*(step.code for step in steps if step.code), load]


def _choose_split(findings: Findings, renamed: Mapping[str, str]) -> tuple[str, list[str]]:
    label, time_column, group = findings.label, findings.time_column, findings.group
    if time_column is not None:
        name = renamed.get(time_column.name, time_column.name)
        if time_column.dates is not None and time_column.dates.format is not None:
            name = name_time(findings)
        return "the last fifth is held out", [f"by={write_literal(name)}"]
    if group is not None:
        name = renamed.get(group.name, group.name)
        return "a fifth of the groups is held out", ["seed=0", f"group={write_literal(name)}"]
    if label.counts and min(label.counts.values()) >= _FEWEST_OF_CLASS:
        by = ["seed=0", f"stratify={write_literal(label.name)}"]
        return "a fifth is held out, with the same shares of classes", by
    return "a fifth is held out", ["seed=0"]
