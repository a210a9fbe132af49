"""What each column of a table is used for, and why."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from headrace.inspection.answers import Power
from headrace.inspection.column import Column, Kind
from headrace.inspection.label import Label

__all__ = ["Role", "Use", "assign_roles"]

Use = Literal["label", "number", "category", "date", "text", "left out"]

_USES: Mapping[Kind, Use] = {
    "numbers": "number",
    "booleans": "number",
    "categories": "category",
    "dates": "date",
    "texts": "text",
}
_NAMES: Mapping[Kind, Use] = {"row numbers": "number", "unique strings": "category"}  # only if asked for
# A column alone that reaches these figures is an answer, not a clue.
_PERFECT_AREA, _PERFECT_FIT = 0.995, 0.999
_FEWEST_ROWS = 30  # of the rarest measured class, for a figure to count
# A column that leaves a third of the error of the next best one, as the time until an event does.
_STRONG_AREA, _ALONE = 0.9, 3.0
# The same of a column that is named like a time until an event, or like its outcome.
_NAMED_AREA, _NAMED_ALONE = 0.85, 1.5
_AFTERWARDS = re.compile(
    r"time|day|month|surviv|durat|follow|until|end|clos|elapsed|outcome|result|status|cause|reason",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Role:
    """What a column is used for.

    Attributes:
        column: The column.
        use: Its use.
        reason: Why, in a few words.
        power: How well the column alone predicts the label; None if not measured.
    """

    column: Column
    use: Use
    reason: str = ""
    power: Power | None = None


def assign_roles(
    columns: Sequence[Column],
    label: Label,
    powers: Mapping[str, Power],
    *,
    group: str | None = None,
    keep: Collection[str] = (),
    drop: Collection[str] = (),
) -> list[Role]:
    """Decide what each column is used for.

    Args:
        columns: All columns.
        label: The label.
        powers: How well each column alone predicts the label.
        group: The column by which rows are split.
        keep: Columns that are used even if they seem to give the answer away.
        drop: Columns that the user leaves out.
    """
    roles = [_assign_role(each, label, powers.get(each.name), group, keep, drop) for each in columns]
    usable = {role.column.name: role.power for role in roles if role.use in _USES.values() and role.power}
    answers = _find_answers(label, usable)
    if answers.keys() >= {role.column.name for role in roles if role.use in _USES.values()}:
        warning = "kept, as nothing else is left: check that it is known before the answer"
        return [_explain(role, answers, f"; {warning}") for role in roles]
    left_out = {name: reason for name, reason in answers.items() if name not in keep}
    return [
        replace(_explain(role, left_out), use="left out") if role.column.name in left_out else role
        for role in roles
    ]


def _explain(role: Role, reasons: Mapping[str, str], end: str = "") -> Role:
    name = role.column.name
    return replace(role, reason=f"{reasons[name]}{end}") if name in reasons else role


def _assign_role(
    column: Column,
    label: Label,
    power: Power | None,
    group: str | None,
    keep: Collection[str],
    drop: Collection[str],
) -> Role:
    if column.name == label.name:
        return Role(column, "label")
    if column.name in drop:
        return Role(column, "left out", "as you asked", power)
    if column.name == group:
        return Role(column, "left out", "the split keeps its groups together", power)
    if column.name in keep and column.kind in _NAMES:
        return Role(column, _NAMES[column.kind], f"{column.note}; kept, as you asked", power)
    if column.kind not in _USES:
        return Role(column, "left out", column.note, power)
    reason = f"holds {column.mixed}, which count as missing" if column.mixed else column.note
    reason = "is rounded to 16 digits" if column.is_large or column.is_decimal else reason
    return Role(column, _USES[column.kind], reason, power)


def _find_answers(label: Label, powers: Mapping[str, Power]) -> dict[str, str]:
    """Find the columns that give the answer away, and state the figure that shows it."""
    found = {
        name: f"gives the answer away: each value stands for one value of {label.name}"
        for name, power in powers.items()
        if power.is_copy
    }
    if label.kind == "number":
        reason = "gives the answer away: R² {:.4f} on its own, on rows held out"
        perfect = {name: power.score for name, power in powers.items() if power.score >= _PERFECT_FIT}
        return {name: reason.format(score) for name, score in perfect.items()} | found
    if label.rows - max(label.counts.values()) < _FEWEST_ROWS:
        return found
    reason = "gives the answer away: AUC {:.3f} on its own, on rows held out"
    scores = {name: power.score for name, power in powers.items()}
    perfect = {name: score for name, score in scores.items() if score >= _PERFECT_AREA}
    found = {name: reason.format(score) for name, score in perfect.items()} | found
    while len(rest := sorted((score, name) for name, score in scores.items() if name not in found)) > 2:
        (second, other), (best, name) = rest[-2:]
        ratio = (1 - second) / max(1 - best, 1e-9)
        is_named = bool(_AFTERWARDS.search(name)) and best >= _NAMED_AREA and ratio >= _NAMED_ALONE
        if not is_named and (best < _STRONG_AREA or ratio < _ALONE):
            break
        what = ", and its name says that it is known afterwards" if is_named else ""
        found[name] = f"{reason.format(best)} (next: {other} {second:.3f}){what}"
    return found
