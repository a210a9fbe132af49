"""The recipe for a table: numbers, categories and dates of a row predict its label."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from headrace.inspection import Column, Findings
from headrace.recipes.drafts.origin import Origin
from headrace.recipes.drafts.python_text import write_call, write_dict, write_literal, write_tuple
from headrace.recipes.drafts.rows import list_class_words, write_introduction, write_load
from headrace.recipes.drafts.schedule import write_options

__all__ = ["write_table_recipe"]

_HEAD_OUTPUTS = ("label", "probabilities")
_LARGE_VOCABULARY = 100


def write_table_recipe(findings: Findings, origin: Origin) -> str:
    """Write the recipe for a table as Python source."""
    used = [role.column for role in findings.roles if role.use in ("number", "category", "date")]
    renamed = _rename(used, findings)
    return "\n\n\n".join(
        [
            "\n\n".join(
                [
                    write_introduction(findings, origin, f"{len(used):,} column{'s' * (len(used) != 1)}"),
                    _write_imports(findings, origin),
                    _write_constants(findings, origin, renamed),
                ]
            ),
            *write_load(findings, origin, renamed),
            *([_DATE_PARTS] if findings.list_columns("date") else []),
            _write_preprocess(findings),
            _write_model(findings),
            _write_recipe(findings),
        ]
    )


def _rename(used: Sequence[Column], findings: Findings) -> dict[str, str]:
    """Rename columns that the model reads, and whose names its outputs have, or that ONNX cannot hold."""
    taken = {role.column.name for role in findings.roles}
    outputs = _HEAD_OUTPUTS if findings.label.kind == "classes" else (_name_output(findings),)
    renamed: dict[str, str] = {}
    for column in used:
        if column.name in ("", "self", *outputs):
            name = column.name or "unnamed"
            while name in taken or name in outputs:
                name += "_"
            renamed[column.name] = name
            taken.add(name)
    return renamed


def _name_output(findings: Findings) -> str:
    return findings.label.name or "prediction"


def _write_imports(findings: Findings, origin: Origin) -> str:
    lines: list[str] = []
    if origin.folder is not None:
        lines.append("from pathlib import Path\n")
    if findings.label.missing and pa.types.is_floating(findings.label.type):
        lines.append("import pyarrow.compute as pc\n")
    return "\n".join([*lines, "import headrace as hr"])


def _write_constants(findings: Findings, origin: Origin, renamed: dict[str, str]) -> str:
    lines: list[str] = []
    if origin.folder is not None:
        lines.append(f"FOLDER = {origin.folder}")
    numbers, categories = findings.list_columns("number"), findings.list_columns("category")
    missing = [each for each in numbers if each.missing]
    for name, columns in (("NUMBERS", numbers), ("SOMETIMES_MISSING", missing), ("CATEGORIES", categories)):
        if columns:
            lines.append(write_tuple(name, [renamed.get(each.name, each.name) for each in columns]))
    if dates := findings.list_columns("date"):
        pairs = {renamed.get(each.name, each.name): each.dates and each.dates.format for each in dates}
        lines.append(write_dict("DATES = {", pairs))
    if findings.label.kind == "classes":
        lines.append(write_tuple("CLASSES", list_class_words(findings.label)))
    return "\n".join(lines)


_DATE_PARTS = '''
def describe_date(date):
    """Compute the place of a date in its year and week, and the years since 2000."""
    t = hr.transform
    years = t.cast(t.elapsed(date, since="2000-01-01", unit="years"), "float32")
    return [
        t.fill_missing(t.scale_to_z_score(years), 0.0),
        t.fill_missing(t.cycle(t.date_part(date, "day_of_year"), 365.25), 0.0),
        t.fill_missing(t.cycle(t.date_part(date, "weekday"), 7), 0.0),
    ]
'''.strip()


def _write_preprocess(findings: Findings) -> str:
    numbers, categories = findings.list_columns("number"), findings.list_columns("category")
    dates = findings.list_columns("date")
    label = findings.label
    lines: list[str] = []
    what: list[str] = []
    if numbers:
        what.append("fill and scale numbers")
        lines += _write_numbers(numbers)
    if dates:
        what.append("split dates into parts")
        lines += _write_dates(has_numbers=bool(numbers))
    outputs = ['"numbers": t.concatenate(numbers),'] if numbers or dates else []
    if categories:
        what.append("look up categories")
        lines += _write_categories(categories)
        outputs.append("**categories,")
    what.append("number the classes" if label.kind == "classes" else "keep the label")
    outputs.append(f"{write_literal(label.name)}: {_write_label(findings)},")
    text = "; ".join(what)
    returned = "\n".join(f"        {each}" for each in outputs)
    body = "\n".join(lines)
    return (
        f'def preprocess(inputs):\n    """{text[0].upper()}{text[1:]}."""\n    t = hr.transform\n'
        f"{body}\n    return {{\n{returned}\n    }}"
    )


def _write_numbers(numbers: Sequence[Column]) -> list[str]:
    value = "inputs[name]"
    if any(pa.types.is_boolean(each.type) for each in numbers):
        value = 't.cast(inputs[name], "float32")'
    lines = [
        f"    values = [{value} for name in NUMBERS]",
        "    numbers = [t.scale_to_z_score(t.fill_missing(x, t.mean(x))) for x in values]",
    ]
    if any(each.missing for each in numbers):
        lines.append("    numbers += [t.is_missing(inputs[name]) for name in SOMETIMES_MISSING]")
    return lines


def _write_dates(*, has_numbers: bool) -> list[str]:
    start = [] if has_numbers else ["    numbers = []"]
    return [
        *start,
        "    for name, form in DATES.items():",
        "        numbers += describe_date(t.parse_timestamp(inputs[name], form))",
    ]


def _write_categories(categories: Sequence[Column]) -> list[str]:
    options = ["num_oov_buckets=1"]
    if any(each.distinct > _LARGE_VOCABULARY for each in categories):
        options = ["top_k=1000", "frequency_threshold=3", *options]
    value = "inputs[name]"
    if any(pa.types.is_integer(each.type) for each in categories):
        value = "t.as_string(inputs[name])"
    call = write_call("        name: t.compute_and_apply_vocabulary(", [value, *options], ")")
    return ["    categories = {", call, "        for name in CATEGORIES", "    }"]


def _write_label(findings: Findings) -> str:
    label = findings.label
    column = f"inputs[{write_literal(label.name)}]"
    if label.kind == "number":
        return f't.cast({column}, "float32")'
    if pa.types.is_boolean(label.type) or pa.types.is_floating(label.type):
        column = f't.cast({column}, "int64")'
    if not pa.types.is_string(label.type):
        column = f"t.as_string({column})"
    return f"t.apply_vocabulary({column}, CLASSES)"


def _write_model(findings: Findings) -> str:
    label = findings.label
    arguments = ["transform", f"label={write_literal(label.name)}"]
    if label.kind == "number":
        arguments += [f"scale={label.deviation:.4g}", f"offset={label.mean:.4g}"]
    call = write_call("    return hr.nn.TableNetwork.from_transform(", arguments, ")")
    doc = "Build a network for the columns and vocabularies of the transform."
    return f'def build_model(transform, _name):\n    """{doc}"""\n{call}'


def _write_recipe(findings: Findings) -> str:
    label = findings.label
    if label.kind == "number":
        head = f"hr.deploy.Regressor({write_literal(_name_output(findings))})"
    else:
        head = "hr.deploy.Classifier(CLASSES)"
        if pa.types.is_boolean(label.type):
            head = 'hr.deploy.Classifier({"0": "False", "1": "True"})'
    return "\n".join(
        [
            "recipe = hr.Recipe(",
            "    load=load,",
            "    preprocess=preprocess,",
            "    build_model=build_model,",
            f"    label={write_literal(label.name)},",
            f"    head={head},",
            write_options(findings),
            ")",
            "",
        ]
    )
