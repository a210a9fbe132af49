"""Parts of recipes that all kinds of rows share: the introduction, `load`, and the label's classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from headrace.inspection import Findings, Label
from headrace.recipes.drafts.origin import Origin
from headrace.recipes.drafts.python_text import fill, write_call, write_dict, write_docstring, write_literal

__all__ = ["describe_label", "list_class_words", "write_introduction", "write_load"]

_FEWEST_OF_CLASS = 5  # rows of a class for it to have some in each part


def write_introduction(findings: Findings, origin: Origin, inputs: str) -> str:
    """Write the docstring: what is predicted, from what, and what was left out and why."""
    label = findings.label
    summary = f"Predict `{label.name}` ({describe_label(label)}) from {inputs} of {origin.name}."
    paragraphs = [fill("Written by `headrace init`, to be edited.")]
    if label.missing:
        paragraphs.append(fill(f"Rows without a label are left out: {label.missing:,} of {findings.rows:,}."))
    left_out = [role for role in findings.roles if role.use == "left out"]
    if left_out:
        lines = [fill(f"- `{role.column.name}`: {role.reason}", hanging=2) for role in left_out]
        paragraphs.append("\n".join(["Columns left out:", *lines]))
    kept = [role for role in findings.roles if role.use != "left out" and role.reason]
    paragraphs += [fill(f"`{role.column.name}` {role.reason}.") for role in kept]
    return write_docstring(fill(summary).removeprefix(" "), paragraphs)


def describe_label(label: Label) -> str:
    """Describe what is predicted in a few words."""
    if label.kind == "number":
        return "a number"
    return "two classes" if len(label.counts) == 2 else f"{len(label.counts):,} classes"


def list_class_words(label: Label) -> tuple[str, ...]:
    """List the words that the label's values are looked up as; booleans are 0 and 1."""
    return tuple(str(int(each)) if isinstance(each, bool) else str(each) for each in label.counts)


def write_load(findings: Findings, origin: Origin, renamed: Mapping[str, str]) -> list[str]:
    """Write the function that loads and splits the data, and the filter of rows that it needs."""
    lines = [origin.write_open("    data = ")]
    if renamed:
        lines.append(write_dict("    data = data.rename({", renamed, ")"))
    name = renamed.get(findings.label.name, findings.label.name)
    blocks: list[str] = []
    if findings.label.missing:
        blocks.append(_write_filter(findings.label, name))
        lines.append("    data = data.filter(has_label)")
    how, by = _choose_split(findings, name)
    shares = ["0.7", "0.1", "0.2", *by]
    lines.append(write_call("    train, validation, test = data.split(", shares, ")"))
    lines.append("    return hr.Splits(train=train, validation=validation, test=test)")
    body = "\n".join(lines)
    blocks.append(f'def load(data_dir):\n    """Load the rows; {how}."""\n{body}')
    return blocks


def _write_filter(label: Label, name: str) -> str:
    column = f"batch[{write_literal(name)}]"
    if pa.types.is_string(label.type):
        words = (
            write_literal(["", *label.missing_words])
            if False
            else ", ".join(write_literal(each) for each in (None, "", *label.missing_words))
        )
        test = f"[value not in ({words}) for value in {column}.to_pylist()]"
    elif pa.types.is_floating(label.type):
        test = f"pc.is_finite({column})"
    else:
        test = f"{column}.is_valid()"
    return f'def has_label(batch):\n    """Tell which rows have a label."""\n    return {test}'


def _choose_split(findings: Findings, label: str) -> tuple[str, list[str]]:
    if findings.time_column is not None:
        return "the last fifth is held out", [f"by={write_literal(findings.time_column.name)}"]
    if findings.group is not None:
        return (
            f"a fifth of the groups of {findings.group.name} is held out",
            ["seed=0", f"group={write_literal(findings.group.name)}"],
        )
    counts: Sequence[int] = list(findings.label.counts.values())
    if counts and min(counts) >= _FEWEST_OF_CLASS:
        return "a fifth is held out, with the same shares of classes", [
            "seed=0",
            f"stratify={write_literal(label)}",
        ]
    return "a fifth is held out", ["seed=0"]
