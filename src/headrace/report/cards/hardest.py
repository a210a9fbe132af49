"""The test rows on which the model is most wrong, with what it was given."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.errors import HeadraceError
from headrace.report.card import Card
from headrace.report.contents import Contents
from headrace.report.importance import Importance
from headrace.report.outcomes import Classes, Labels, Numbers, Outcome, Quantiles
from headrace.report.plots import draw_thumbnail, format_number

__all__ = ["show_hardest"]

ROWS, IMAGES, COLUMNS, CHARACTERS = 10, 32, 10, 300
MOST_NAMES = 5


def show_hardest(contents: Contents) -> list[Card]:
    """Show the rows of the largest losses: images as pictures, texts in full width, others as a table."""
    if contents.read_rows is None:
        return []
    cards = list[Card]()
    for outcome in contents.outcomes:
        losses = outcome.row_losses()
        order = np.argsort(-losses, kind="stable")[: IMAGES if contents.image else ROWS]
        table = contents.read_rows([int(n) for n in order])
        columns = _choose_columns(contents, table)
        rows, pictures = list[dict[str, Any]](), dict[str, str | bytes]()
        for place, number in enumerate(order):
            answer = _describe_answer(outcome, int(number))
            cells = {name: _show(table[name][place].as_py()) for name in columns}
            rows.append({"row": int(number), "loss": float(losses[number]), **answer, "inputs": cells})
            picture = _draw(table, contents.image, place)
            if picture is not None:
                pictures[str(int(number))] = picture
        figures = {
            "rows": rows,
            "columns": columns,
            "texts": [name for name in columns if any(len(row["inputs"][name]) > 80 for row in rows)],
            "left_out": len(table.column_names) - len(columns) - (contents.image is not None),
            "loss": _name_loss(outcome),
        }
        cards.append(Card("hardest", "Hardest examples", figures, pictures, outcome.name, "wide"))
    return cards


def _choose_columns(contents: Contents, table: pa.Table) -> list[str]:
    """Choose the columns to show: the most important ones, if that was measured."""
    names = [name for name in table.column_names if name != contents.image]
    if isinstance(contents.importance, Importance):
        order = {each.column: place for place, each in enumerate(contents.importance.columns)}
        names.sort(key=lambda name: order.get(name, len(order)))
    return names[:COLUMNS]


def _describe_answer(outcome: Outcome, row: int) -> dict[str, Any]:
    if isinstance(outcome, Classes):
        true, guess = int(outcome.labels[row]), int(outcome.predicted[row])
        shown = {"true": outcome.names[true], "predicted": outcome.names[guess]}
        sure = float(outcome.probabilities[row, guess])
        return {**shown, "probability": sure, "wrong": true != guess}
    if isinstance(outcome, Labels):
        true, guess = outcome.labels[row], outcome.predicted[row]
        shown = {"true": _join(outcome, true), "predicted": _join(outcome, guess)}
        return {**shown, "wrong": bool((true != guess).any())}
    if isinstance(outcome, Quantiles):
        guess = ", ".join(format_number(float(each)) for each in outcome.predicted[row])
        return {"true": format_number(float(outcome.labels[row])), "predicted": guess, "wrong": False}
    assert isinstance(outcome, Numbers)
    values = {"true": outcome.labels[row], "predicted": outcome.predicted[row]}
    return {**{name: format_number(float(each)) for name, each in values.items()}, "wrong": False}


def _join(outcome: Labels, present: Any) -> str:
    names = [name for name, is_there in zip(outcome.names, present, strict=True) if is_there]
    more = f", and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return (", ".join(names[:MOST_NAMES]) or "none") + more


def _name_loss(outcome: Outcome) -> str:
    if isinstance(outcome, Numbers):
        return "error"
    return "pinball loss" if isinstance(outcome, Quantiles) else "loss"


def _draw(table: pa.Table, image: str | None, place: int) -> bytes | None:
    if image is None or image not in table.column_names:
        return None
    column = table[image]
    value = column[place].as_py()
    if isinstance(column.type, pa.FixedShapeTensorType):
        value = np.asarray(column.chunk(0).to_numpy_ndarray()[place]) if column.num_chunks == 1 else None
    try:
        return None if value is None else draw_thumbnail(value)
    except (HeadraceError, ValueError, TypeError):  # not an image: the row is shown without a picture
        return None


def _show(value: Any) -> str:
    """Show a value in one line of at most 300 characters."""
    if value is None:
        return ""
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else f"{value:.6g}"
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    text = " ".join(str(value).split())
    return text if len(text) <= CHARACTERS else f"{text[:CHARACTERS]} ..."
