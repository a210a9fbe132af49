"""Functions of a recipe that prepare batches before they are split: filters, numbers among words, days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from headrace.inspection import Column, Findings
from headrace.recipes.drafts.names import name_time
from headrace.recipes.drafts.python_text import write_dict, write_literal, write_tuple

__all__ = ["Step", "list_steps"]

_READ_NUMBERS = '''\
def read_number(value):
    """Read a number; None for words, infinities and missing values."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def read_numbers(batch):
    """Read the columns of MIXED as numbers; the exported model reads cells by the same encoding."""
    for place, name in enumerate(batch.schema.names):
        if name in MIXED:
            encoding = "boolean" if pa.types.is_boolean(batch[name].type) else "number"
            numbers = [read_number(value) for value in batch[name].to_pylist()]
            field = pa.field(name, pa.float64(), metadata={"encoding": encoding})
            batch = batch.set_column(place, field, pa.array(numbers, pa.float64()))
    return batch'''
_PARSE_TIME = '''\
def parse_time(batch):
    """Add the dates of `{title}` as the column `{target}`, to sort rows by."""
    text = batch[{name}]
    dates = pc.strptime(text, format={form}, unit="s", error_is_null=True)
    return batch.append_column("{target}", dates)'''


@dataclass(frozen=True)
class Step:
    """A stage of the data before the split.

    Attributes:
        call: The call of a method of the dataset.
        code: The functions that it needs, if any.
        constants: The constants that these need.
        imports: The imports that these need.
    """

    call: str
    code: str
    constants: str = ""
    imports: tuple[str, ...] = ()


def list_steps(findings: Findings, renamed: Mapping[str, str]) -> list[Step]:
    """List the stages that the data needs before it is split."""
    steps = [_rename(renamed)] if renamed else []
    mixed = [
        role.column
        for role in findings.roles
        if (role.use == "number" and (role.column.mixed or role.column.is_large))
        or (role.use in ("number", "label") and role.column.is_decimal)
    ]
    if mixed:
        steps.append(_read_numbers([renamed.get(each.name, each.name) for each in mixed]))
    if (time := findings.time_column) is not None and time.dates and time.dates.format:
        steps.append(_parse_time(time, renamed.get(time.name, time.name), name_time(findings)))
    return [*steps, *_keep_rows(findings, renamed)]


def _rename(renamed: Mapping[str, str]) -> Step:
    return Step("rename(RENAMED)", "", write_dict("RENAMED = {", renamed))


def _read_numbers(names: Sequence[str]) -> Step:
    imports = ("import math", "import pyarrow as pa")
    return Step("map(read_numbers)", _READ_NUMBERS, write_tuple("MIXED", names), imports)


def _parse_time(time: Column, name: str, target: str) -> Step:
    assert time.dates is not None
    title = "".join(each if each.isprintable() and each not in '\\"`' else " " for each in name)
    named = {"title": title, "name": write_literal(name), "target": target}
    code = _PARSE_TIME.format(**named, form=write_literal(time.dates.format))
    return Step("map(parse_time)", code, imports=("import pyarrow.compute as pc",))


def _keep_rows(findings: Findings, renamed: Mapping[str, str]) -> list[Step]:
    """Write a filter for each column without which a row cannot be used: the label, and that of the split."""
    label, time, group = findings.label, findings.time_column, findings.group
    steps: list[Step] = []
    if label.missing:
        steps.append(_keep_present("label", label.name, label.type, label.missing_words))
    if time is not None and time.dates and time.dates.format:
        if time.missing or time.dates.damaged:
            steps.append(_keep_present("time", name_time(findings), pa.timestamp("s")))
    elif time is not None and time.missing:
        steps.append(_keep_present("time", renamed.get(time.name, time.name), time.type))
    if group is not None and group.missing:
        steps.append(_keep_present("group", renamed.get(group.name, group.name), group.type))
    return steps


def _keep_present(what: str, name: str, type_: pa.DataType, words: Sequence[str] = ()) -> Step:
    column = f"batch[{write_literal(name)}]"
    test, imports = f"{column}.is_valid()", ()
    if pa.types.is_floating(type_):
        test, imports = f"pc.is_finite({column})", ("import pyarrow.compute as pc",)
    elif pa.types.is_string(type_):
        listed = ", ".join(map(write_literal, (None, "", *words)))
        test = f"[value not in ({listed}) for value in {column}.to_pylist()]"
    code = f'def has_{what}(batch):\n    """Find the rows with a {what}."""\n    return {test}'
    return Step(f"filter(has_{what})", code, imports=imports)
