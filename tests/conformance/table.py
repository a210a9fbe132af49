"""The conformance table: every op in every runtime on about a million values, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from .comparison import Comparison
from .inputs import Draw, drawn
from .measure import Prepared, prepare
from .runtimes import RUNTIMES, WEB, not_in_torch
from .web import Browser

__all__ = ["Row", "markdown", "measured"]

GOAL = 1_000_000  # values an op in each runtime
SECONDS = 60.0  # after which an op has had enough
FIRST, MOST = 2, 40  # draws
LARGEST = 200  # times as many random values in a draw


@dataclass(frozen=True)
class Row:
    """An op, or a layer.

    Attributes:
        name: Its name.
        compared: What came of it, by runtime.
        allowed: The largest distance that the skew rule allows any of its floats, in units in the last place.
        missing: Why it does not run, by runtime.
        seconds: What it took.
    """

    name: str
    compared: Mapping[str, Comparison]
    allowed: int = 0
    missing: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def mismatches(self) -> int:
        """How many values differ by more than they may, in all runtimes."""
        return sum(each.mismatches for each in self.compared.values())


def measured(name: str, browser: Browser | None, goal: int = GOAL) -> Row:
    """An op compared in every runtime until `goal` values have been, or the time is over."""
    start = monotonic()
    prepared = prepare(name, browser)
    compared: dict[str, Comparison] = {}
    values = 0
    for number, draw in enumerate(drawn(MOST)):
        if number >= FIRST and (values >= goal or monotonic() - start > SECONDS):
            break
        draw = draw if number < FIRST else _larger(draw, values / number, goal - values)
        for each in prepared:
            for runtime, comparison in each.measure([draw]).items():
                compared[runtime] = compared.get(runtime, Comparison()) + comparison
        values = compared["onnxruntime"].values
    allowed = max((ulps for each in prepared for ulps in each.case.ulps.values()), default=0)
    return Row(name, compared, allowed, _missing(prepared, browser), monotonic() - start)


def _larger(draw: Draw, usual: float, wanted: int) -> Draw:
    return replace(draw, times=max(1, min(LARGEST, round(wanted / max(usual, 1)))))


def _missing(prepared: Sequence[Prepared], browser: Browser | None) -> dict[str, str]:
    """Why nothing of an op runs somewhere."""
    in_torch = [not_in_torch(each.case, each.graph) for each in prepared]
    missing = {} if None in in_torch else {"torch": str(in_torch[0])}
    return missing if browser else missing | {WEB: "Chromium or onnxruntime-web is not installed here"}


def markdown(rows: Iterable[Row]) -> str:
    """The table, and below it why some of its cells are empty."""
    rows = list(rows)
    reasons = list(dict.fromkeys(why for row in rows for why in row.missing.values()))
    lines = [
        f"| op | {' | '.join(RUNTIMES)} | allowed |",
        f"|---|{'---:|' * len(RUNTIMES)}---|",
        *(_line(row, reasons) for row in rows),
        "",
        *(f"<sup>{place}</sup> {why}" for place, why in enumerate(reasons, 1)),
    ]
    return "\n".join(lines)


def _line(row: Row, reasons: list[str]) -> str:
    cells = [_cell(row, runtime, reasons) for runtime in RUNTIMES]
    allowed = f"{row.allowed} ulp" if row.allowed else "identical"
    return f"| `{row.name}` | {' | '.join(cells)} | {allowed} |"


def _cell(row: Row, runtime: str, reasons: list[str]) -> str:
    if runtime not in row.compared:
        return f"- <sup>{reasons.index(row.missing[runtime]) + 1}</sup>"
    found = row.compared[runtime]
    if found.mismatches:
        return f"**{found.mismatches:,} of {found.values:,} differ**"
    return f"{found.values:,}" + (f", {found.ulps:g} ulp" if found.ulps else "")
