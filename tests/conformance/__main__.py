"""`make conformance`: every op in every runtime on about a million values; prints the table and writes it."""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import version
from json import loads
from pathlib import Path
from time import monotonic

from headrace.transform.op import Op

from .inputs import STRINGS
from .measure import prepare
from .table import GOAL, Row, markdown, measured
from .web import Browser, UnavailableError

HERE = Path(__file__).parent
ABOUT = """\
# Conformance

Every row-wise op of `hr.transform`, on the same generated values in every runtime, compared with NumPy: how
many values were compared and, of floats, the largest distance in units in the last place. Integers, strings,
shapes, and the floats of all ops but those that say otherwise, must be identical; -0.0 is not 0.0, and one
NaN is as good as another.

The values: every special one (NaN, infinities, -0.0, subnormals, the limits of integers, powers of two and
their neighbours), every pair of two special ones, random bits, and {strings} strings that implementations
stumble over (every plane of Unicode, combining marks, Turkish and Greek capitals, 50,000 characters) with
random ones; rows of lists, empty ones among them; batches of many rows, of one, of none.

`make conformance` wrote this page, from the registry of ops, with {versions}.
{summary}

"""


def main() -> int:
    """Run, print, write; 1 if a value differs by more than it may."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--values", type=int, default=GOAL, help="values an op in each runtime")
    parser.add_argument("--write", type=Path, help="a Markdown file for the table")
    parser.add_argument("ops", nargs="*", help="only these")
    options = parser.parse_args()
    start = monotonic()
    browser = _browser()
    rows: list[Row] = []
    for name in options.ops or sorted(Op.registry):
        rows.append(measured(name, prepare(name, browser), options.values))
        print(f"{name}: {rows[-1].seconds:.1f} s", *_differences(rows[-1]), sep="\n  ", flush=True)
    if browser is not None:
        browser.close()
    page = _page(rows, monotonic() - start)
    print(page)
    if options.write is not None:
        options.write.write_text(page, encoding="utf-8")
    return int(any(row.mismatches for row in rows))


def _browser() -> Browser | None:
    try:
        return Browser()
    except UnavailableError as why:
        print(f"nothing is compared in a browser: {why}", file=sys.stderr)
        return None


def _differences(row: Row) -> list[str]:
    return [each.first for each in row.compared.values() if each.first]


def _page(rows: list[Row], seconds: float) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "torch", "onnxruntime"))
    web = loads((HERE / "web" / "package.json").read_text())["dependencies"]["onnxruntime-web"]
    compared = sum(each.values for row in rows for each in row.compared.values())
    differ = sum(row.mismatches for row in rows)
    minutes = f"{seconds / 60:.0f} minutes"
    summary = f"{len(rows)} ops, {compared:,} comparisons, {differ:,} mismatches; it took {minutes}."
    about = ABOUT.format(strings=len(STRINGS), versions=f"{packages}, onnxruntime-web {web}", summary=summary)
    return about + markdown("op", rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
