"""The report of a training: one HTML page without external files, and its figures as JSON."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace.progress import duration
from headrace.report.card import Card
from headrace.report.contents import Contents
from headrace.report.list_cards import list_cards
from headrace.report.page import render_page
from headrace.report.words import format_metric, format_score
from headrace.storage import local_target, make_folder, write_text

__all__ = ["write_report"]

FORMAT = "headrace report 1"


def write_report(path: str | os.PathLike[str], contents: Contents) -> Path:
    """Write the report of a training as one HTML page, and its figures beside it with the ending .json.

    Pictures and styles are embedded. The size of the page does not grow with the data: curves have at most
    200 points, plots 3,000 dots; long lists are cut where the page says so, texts after 300 characters.

    Args:
        path: The file to write; its folder is created if needed.
        contents: What the report shows.

    Returns:
        The path.

    Raises:
        UsageError: Two outcomes have the same name, or one has no rows.
    """
    contents = contents.check()
    cards = list_cards(contents)
    path = local_target(path)
    make_folder(path.parent)
    page = render_page(contents.title, contents.subtitle, _make_tiles(contents, cards), cards)
    write_text(path, page)
    write_text(path.with_suffix(".json"), json.dumps(_to_json(contents, cards), indent=1) + "\n")
    return path


def _to_json(contents: Contents, cards: list[Card]) -> dict[str, Any]:
    """Return the figures of all cards; those about one of several outputs by its name."""
    found: dict[str, Any] = {"format": FORMAT, "title": contents.title}
    for card in cards:
        if card.about:
            found.setdefault(card.name, {})[card.about] = card.figures
        else:
            found[card.name] = card.figures
    return _finite(found)


def _finite(value: Any) -> Any:
    """Replace numbers that JSON does not have by null."""
    if isinstance(value, Mapping):
        return {str(name): _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _make_tiles(contents: Contents, cards: list[Card]) -> list[dict[str, Any]]:
    result = contents.result
    tiles = [_score_tile(card) for card in cards if card.name == "scores"][:2] or _validation_tiles(contents)
    tiles += [
        {"value": duration(result.seconds), "name": f"training time, {_count(result.epochs, 'epoch')}"},
        {"value": f"{result.examples_per_second:,.0f}", "name": "training rows/s"},
        {"value": f"{result.parameters:,}", "name": "parameters"},
    ]
    if contents.verdict is not None:
        passed = contents.verdict.passed
        value = "verified" if passed else "skew found"
        tiles.append({"value": value, "name": "training = serving", "good": passed})
    return tiles


def _score_tile(card: Card) -> dict[str, Any]:
    name, value = next(iter(card.figures["model"].items()))
    about = f"{card.about}: " if card.about else ""
    tile = {"value": format_score(value, name), "name": f"{about}test {format_metric(name)}"}
    baseline = card.figures.get("baseline", {}).get(name)
    return tile if baseline is None else {**tile, "note": f"baseline {format_score(baseline, name)}"}


def _validation_tiles(contents: Contents) -> list[dict[str, Any]]:
    best = contents.result.best
    names = [name for name in best if name.startswith("validation_")]
    chosen = next((name for name in names if name != "validation_loss"), names[0] if names else None)
    if chosen is None:
        return []
    short = chosen.removeprefix("validation_")
    return [{"value": format_score(best[chosen], short), "name": f"validation {format_metric(short)}"}]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
