"""The conformance table: every op in every runtime on about a million values, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from .comparison import Comparison
from .inputs import Draw, drawn
from .measure import Prepared
from .runtimes import RUNTIMES, WEB, not_in_torch

__all__ = ["LAYER_RUNTIMES", "Row", "markdown", "measured"]

ANALYZED = "analyzed, not adapted"
LAYER_RUNTIMES = ("the layer itself", *RUNTIMES, ANALYZED)
GOAL = 1_000_000  # values per op and runtime
SECONDS = 60.0  # per op; then no more draws are made
FIRST, MOST = 2, 150  # draws
LARGEST = 50  # factor of random values per draw; an op may make 100,000 characters of each


@dataclass(frozen=True)
class Row:
    """The results of an op or a layer.

    Attributes:
        name: The name of the op or layer.
        compared: The comparison with NumPy, by runtime.
        allowed: The largest distance of two floats that the skew rule allows, in units in the last place.
        missing: The reason why it does not run, by runtime.
        seconds: The duration of the comparison.
    """

    name: str
    compared: Mapping[str, Comparison]
    allowed: int = 0
    missing: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def mismatches(self) -> int:
        """The number of values that differ by more than is allowed, in all runtimes."""
        return sum(each.mismatches for each in self.compared.values())


def measured(name: str, prepared: Sequence[Prepared], goal: int = GOAL) -> Row:
    """Compare an op or a layer in every runtime until `goal` values are compared, or the time is up."""
    start = monotonic()
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
    return Row(name, compared, allowed, _missing(prepared), monotonic() - start)


def _larger(draw: Draw, values_per_draw: float, missing: int) -> Draw:
    return replace(draw, times=max(1, min(LARGEST, round(missing / max(values_per_draw, 1)))))


def _missing(prepared: Sequence[Prepared]) -> dict[str, str]:
    """Return the reasons why an op does not run at all, by runtime."""
    missing = {
        WEB: "Chromium or onnxruntime-web is not installed here",
        "torch": not_in_torch(prepared[0].case, prepared[0].graph) or "nothing in it is for torch",
        ANALYZED: "it has no statistics that `analyze` could find",
    }
    run = {runtime for each in prepared for runtime in each.runs}
    return {runtime: why for runtime, why in missing.items() if runtime not in run}


def markdown(kind: str, rows: Iterable[Row], runtimes: Sequence[str] = RUNTIMES) -> str:
    """Format the table of ops or layers, followed by the reasons for empty cells."""
    rows = list(rows)
    reasons = list(
        dict.fromkeys(row.missing[each] for row in rows for each in runtimes if each in row.missing)
    )
    lines = [
        f"| {kind} | {' | '.join(runtimes)} | allowed |",
        f"|---|{'---:|' * len(runtimes)}---|",
        *(_line(row, runtimes, reasons) for row in rows),
        "",
        *(f"<sup>{place}</sup> {why}\n" for place, why in enumerate(reasons, 1)),
    ]
    return "\n".join(lines)


def _line(row: Row, runtimes: Sequence[str], reasons: list[str]) -> str:
    cells = [_cell(row, runtime, reasons) for runtime in runtimes]
    allowed = f"{row.allowed} ulp" if row.allowed else "identical"
    return f"| `{row.name}` | {' | '.join(cells)} | {allowed} |"


def _cell(row: Row, runtime: str, reasons: list[str]) -> str:
    if runtime not in row.compared:
        return f"- <sup>{reasons.index(row.missing[runtime]) + 1}</sup>"
    found = row.compared[runtime]
    if found.mismatches:
        return f"**{found.mismatches:,} of {found.values:,} differ**"
    return f"{found.values:,}" + (f", {found.ulps:g} ulp" if found.ulps else "")
