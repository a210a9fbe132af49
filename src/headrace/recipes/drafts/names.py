"""Names in a recipe: columns are renamed, and outputs named, so that no two of them meet."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from headrace.inspection import Column, Findings
from headrace.recipes.drafts.label import list_head_outputs

__all__ = ["choose_name", "name_time", "rename_columns"]


def choose_name(name: str, taken: Collection[str]) -> str:
    """Return the name, with as many underscores behind it as make it a new one."""
    while name in taken:
        name += "_"
    return name


def rename_columns(used: Sequence[Column], findings: Findings) -> dict[str, str]:
    """Rename columns that the model reads, and whose names its outputs have, or that ONNX cannot hold."""
    taken = {role.column.name for role in findings.roles}
    outputs = list_head_outputs(findings.label)
    renamed: dict[str, str] = {}
    for column in used:
        if column.name in ("", "self", *outputs):
            name = choose_name(column.name or "unnamed", {*taken, *outputs})
            renamed[column.name] = name
            taken.add(name)
    return renamed


def name_time(findings: Findings) -> str:
    """Name the column of parsed dates that rows are sorted by."""
    return choose_name("split_by", {role.column.name for role in findings.roles})
