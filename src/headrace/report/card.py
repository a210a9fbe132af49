"""A card of the report: figures, which scripts read too, and pictures of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Card"]


@dataclass(frozen=True)
class Card:
    """One card of the page, and one entry of `report.json`.

    Attributes:
        name: The template that shows it, and its name in `report.json`.
        title: The heading.
        figures: What is shown, as JSON values.
        pictures: Name to SVG text or PNG bytes.
        about: The output of the model that it is about; "" if the model has one.
        place: "first" and "last" are stacked in columns, above and below the "wide" ones.
    """

    name: str
    title: str
    figures: Mapping[str, Any]
    pictures: Mapping[str, str | bytes] = field(default_factory=dict[str, str | bytes])
    about: str = ""
    place: Literal["first", "wide", "last"] = "first"
