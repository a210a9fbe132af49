"""The page of a report, from its cards."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from headrace.progress import duration
from headrace.report.card import Card
from headrace.report.plots import format_number
from headrace.report.words import format_metric, format_score

__all__ = ["render_page"]


def render_page(title: str, subtitle: str, tiles: Sequence[dict[str, Any]], cards: Sequence[Card]) -> str:
    """Render the page; every text in it is escaped."""
    places = {place: [card for card in cards if card.place == place] for place in ("first", "wide", "last")}
    return (
        _load_templates()
        .get_template("page.html.j2")
        .render(title=title, subtitle=subtitle, tiles=tiles, **places)
    )


@cache
def _load_templates() -> Environment:
    found = Environment(
        loader=PackageLoader("headrace.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = found.filters
    filters.update(
        setting=_format_setting,
        duration=_format_seconds,
        number=format_number,
        picture=_embed,
        metric=format_metric,
        score=format_score,
        percent=_format_percent,
    )
    return found


def _embed(picture: str | bytes) -> str:
    """Embed SVG text or PNG bytes; a page cannot run a script of a picture."""
    kind, data = ("svg+xml", picture.encode()) if isinstance(picture, str) else ("png", picture)
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _format_seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{duration(seconds)} min"


def _format_setting(value: Any) -> str:
    """Show a value in one line; a dash for none."""
    if isinstance(value, dict):
        value = [f"{name}: {each}" for name, each in value.items()]
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value is None else str(value)


def _format_percent(share: float) -> str:
    return f"{share:.1%}" if 0 < share < 0.1 else f"{share:.0%}"
