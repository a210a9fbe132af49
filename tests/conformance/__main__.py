"""Compare every op and layer in every runtime on about a million values; `make conformance` runs it."""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import version
from json import loads
from pathlib import Path
from time import monotonic

from .cases import CASES as OPS
from .inputs import STRINGS
from .layer_cases import CASES as LAYERS
from .measure import prepare
from .table import GOAL, LAYER_RUNTIMES, Row, markdown, measured
from .test_layers import prepared
from .web import Browser, UnavailableError

HERE = Path(__file__).parent
ABOUT = """\
# Conformance

Every row-wise op of `hr.transform` and every layer of `hr.layers` runs on the same generated values in every
runtime. The tables show how many values were compared with NumPy and, for floats, the largest distance in
units in the last place (ulp). Integers, strings and shapes must be identical, and floats as well unless the
last column allows a distance; -0.0 differs from 0.0, and all NaNs are equal.

The values are all special values (NaN, infinities, -0.0, subnormals, the limits of integers, powers of two
and their neighbours), every pair of two special values, random bits, and {strings} strings on which
implementations tend to disagree (every plane of Unicode, combining marks, Turkish and Greek capitals, 50,000
characters), with random strings; lists, including empty lists; batches of many rows, of one row, and of none.
There are about a million values per op, and fewer if an op takes more than a minute. The browser does not get
strings with U+0000, which it would truncate.

`make conformance` generates this page from the registries of ops and layers, here with {versions}.
{summary}

"""


def main() -> int:
    """Compare, print and write the tables; return 1 if a value differs by more than is allowed."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--values", type=int, default=GOAL, help="values per op and runtime")
    parser.add_argument("--write", type=Path, help="write the page to this Markdown file")
    parser.add_argument("only", nargs="*", help="compare only these ops and layers")
    options = parser.parse_args()
    start = monotonic()
    browser = _browser()
    ops = [name for name in sorted(OPS) if name in (options.only or OPS)]
    layers = [name for name in sorted(LAYERS) if name in (options.only or LAYERS)]
    rows = [_report(measured(name, prepare(name, browser), options.values)) for name in ops]
    of_layers = [
        _report(measured(name, [prepared(case, browser) for case in LAYERS[name]], options.values))
        for name in layers
    ]
    if browser is not None:
        browser.close()
    page = _page(rows, of_layers, monotonic() - start)
    print(page)
    if options.write is not None:
        options.write.write_text(page, encoding="utf-8")
    return int(any(row.mismatches for row in (*rows, *of_layers)))


def _report(row: Row) -> Row:
    differences = [each.first for each in row.compared.values() if each.first]
    print(f"{row.name}: {row.seconds:.1f} s", *differences, sep="\n  ", flush=True)
    return row


def _browser() -> Browser | None:
    try:
        return Browser()
    except UnavailableError as why:
        print(f"not compared in a browser: {why}", file=sys.stderr)
        return None


def _page(ops: list[Row], layers: list[Row], seconds: float) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "torch", "onnxruntime"))
    web = loads((HERE / "web" / "package.json").read_text())["dependencies"]["onnxruntime-web"]
    compared = sum(each.values for row in (*ops, *layers) for each in row.compared.values())
    differ = sum(row.mismatches for row in (*ops, *layers))
    summary = (
        f"{len(ops)} ops and {len(layers)} layers, {compared:,} comparisons, {differ:,} mismatches;"
        f" {seconds / 60:.0f} minutes."
    )
    about = ABOUT.format(strings=len(STRINGS), versions=f"{packages}, onnxruntime-web {web}", summary=summary)
    tables = [markdown("op", ops), markdown("layer", layers, LAYER_RUNTIMES)]
    return about + "\n".join(tables)


if __name__ == "__main__":
    sys.exit(main())
