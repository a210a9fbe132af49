"""Warn where infinite values spoil the statistics that a column is scaled by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headrace.source_line import warn_user
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.graph import Node

__all__ = ["warn_infinite_values"]


def warn_infinite_values(states: Iterable[tuple[Node, Any]]) -> None:
    """Warn once for each call of a mapper whose statistics are not finite because of infinite values.

    Args:
        states: Analyzers with their states.
    """
    texts: dict[str, None] = {}
    for node, state in states:
        if node.call is None or not isinstance(node.what, Analyzer):
            continue
        if node.what.has_infinite_values(state):
            place = "" if node.line is None else f"{node.line[0]}, line {node.line[1]}: "
            what = f"'{node.inputs[0]}' has infinite values, which make the statistics of {node.call.name}"
            texts[f"{place}{what} infinite or NaN; limit them by clip, or make them missing by where"] = None
    for text in texts:
        warn_user(text, RuntimeWarning)
