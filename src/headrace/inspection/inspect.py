"""Look at a table: what its columns are, what to use them for, and what to leave out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from headrace.errors import SchemaError, UsageError
from headrace.inspection.answers import Power, measure_power
from headrace.inspection.column import Column, describe_column
from headrace.inspection.label import Label, LabelKind, describe_label
from headrace.inspection.numbers import read_numbers
from headrace.inspection.roles import Role, assign_roles
from headrace.inspection.sample import Sample, draw_sample
from headrace.suggestions import suggest

__all__ = ["Findings", "inspect"]

_FEWEST_ROWS = 10
_FEWEST_GROUPS = 6  # a tenth of five groups rounds to 0


@dataclass(frozen=True)
class Findings:
    """What was found in a table.

    Attributes:
        rows: The number of rows.
        label: The label.
        roles: The role of each column, in the order of the table.
        time_column: The column that the split goes by.
        group: The column whose groups the split keeps together.
    """

    rows: int
    label: Label
    roles: tuple[Role, ...]
    time_column: Column | None = None
    group: Column | None = None

    def list_columns(self, use: str) -> list[Column]:
        """List the columns of one use."""
        return [role.column for role in self.roles if role.use == use]


def inspect(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    label: str,
    *,
    time_column: str | None = None,
    group: str | None = None,
    label_kind: LabelKind | None = None,
    keep: Collection[str] = (),
    drop: Collection[str] = (),
) -> Findings:
    """Look at the rows of a table, in one pass and in bounded memory.

    Args:
        batches: The rows.
        schema: Their schema.
        label: The column to predict.
        time_column: The column by which rows are split: the last ones are held out.
        group: The column whose groups are kept together.
        label_kind: What the label is; None decides by its values.
        keep: Columns that are used even if they seem to give the answer away.
        drop: Columns that are left out.

    Raises:
        SchemaError: A column does not exist, the label cannot be one, or no column is left beside it.
        UsageError: There are fewer than ten rows with a label, or six groups, or the split is by two columns
            or by the label.
    """
    for name in (label, time_column, group, *keep, *drop):
        if name is not None and name not in schema.names:
            what = "the data lacks this column"
            raise SchemaError(what, feature=name, hint=suggest(name, schema.names))
    _check_split(label, time_column, group)
    sample = draw_sample(batches, schema, label)
    target = describe_label(label, sample, label_kind)
    labelled = sample.rows - target.missing
    if labelled < _FEWEST_ROWS:
        what = f"expected at least {_FEWEST_ROWS} rows with a label, got {labelled:,}"
        raise UsageError(what, hint="collect more rows")
    columns = [describe_column(name, sample) for name in schema.names]
    roles = assign_roles(
        columns, target, _measure(columns, target, sample), group=group, keep=keep, drop=drop
    )
    _check_used(roles, target, keep)
    by_name = {each.name: each for each in columns}
    if group is not None:
        _check_groups(by_name[group])
    if time_column is not None and by_name[time_column].kind not in ("dates", "numbers", "row numbers"):
        what = f"expected dates or numbers to split by, got {by_name[time_column].kind}"
        raise SchemaError(what, feature=time_column, hint="choose another column, or split without one")
    return Findings(
        sample.rows,
        target,
        tuple(roles),
        by_name[time_column] if time_column is not None else None,
        by_name[group] if group is not None else None,
    )


def _check_split(label: str, time_column: str | None, group: str | None) -> None:
    """Check that rows are split by one column at most, which is not the label.

    Raises:
        UsageError: Two columns are named, or the label.
    """
    if time_column is not None and group is not None:
        what = f"expected one column to split by, got time_column {time_column!r} and group {group!r}"
        raise UsageError(what, hint="pass one of them")
    if label in (time_column, group):
        name = "group" if label == group else "time_column"
        raise UsageError(
            f"{name}: {label!r} is the label", hint="choose another column, or split without one"
        )


def _check_groups(group: Column) -> None:
    """Check that each part of the split can get a group.

    Raises:
        UsageError: There are too few groups.
    """
    if group.distinct < _FEWEST_GROUPS:
        what = f"group: expected at least {_FEWEST_GROUPS} groups in '{group.name}', got {group.distinct}"
        raise UsageError(what, hint="choose another column, or split without one")


def _check_used(roles: Sequence[Role], label: Label, keep: Collection[str]) -> None:
    """Check that a column is used, and that every column to keep is.

    Raises:
        SchemaError: None is used, or one that the user keeps is not.
    """
    left_out = [role for role in roles if role.use == "left out"]
    for role in left_out:
        if role.column.name in keep:
            what = f"the column cannot be kept: {role.reason}"
            raise SchemaError(what, feature=role.column.name, hint="leave it out of keep")
    if len(left_out) == len(roles) - 1:
        shown = "; ".join(f"{role.column.name}: {role.reason}" for role in left_out[:5])
        what = "no column is left to predict the label from" + (f" ({shown})" if shown else "")
        hint = "add columns that say something about the label, or keep one that is left out"
        raise SchemaError(what, feature=label.name, hint=hint)


def _measure(columns: list[Column], label: Label, sample: Sample) -> dict[str, Power]:
    targets = label.number_rows(sample.table[label.name])
    known = np.isfinite(targets) if label.kind == "number" else targets >= 0
    table, targets = sample.table.filter(pa.array(known)), targets[known]
    classes = None if label.kind == "number" else len(label.counts)
    kinds = ("numbers", "booleans", "categories", "dates", "texts")
    found: dict[str, Power] = {}
    for column in columns:
        if column.name != label.name and column.kind in kinds:
            values = table[column.name].combine_chunks()
            found[column.name] = measure_power(
                read_numbers(values) if column.mixed else values, targets, classes
            )
    return found
