"""Loss and metrics over epochs."""

from __future__ import annotations

from headrace.report.card import Card
from headrace.report.contents import Contents
from headrace.report.plots import draw_learning_curves

__all__ = ["show_learning_curves"]

_MOST_METRICS = 3


def show_learning_curves(contents: Contents) -> list[Card]:
    """Show the history of the training: all epochs of a short one; the ends and the best of a long one."""
    result = contents.result
    if not result.history:
        return []
    names = [name.removeprefix("validation_") for name in result.history[0] if name.startswith("validation_")]
    shown = names[: _MOST_METRICS + 1]
    ends = {1, 2, *range(result.epochs - 4, result.epochs + 1), result.best_epoch}
    rows = [row for row in result.history if result.epochs <= 12 or row["epoch"] in ends]
    figures = {"metrics": shown, "best_epoch": result.best_epoch, "epochs": rows, "history": result.history}
    curves = shown[:4] if len(shown) != 3 else shown[:2]
    pictures = {name: draw_learning_curves(result.history, name) for name in curves}
    return [Card("learning_curves", "Learning curves", figures, pictures)]
