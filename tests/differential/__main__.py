"""Compare formats with their references on generated files: `python -m tests.differential --files 100000`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parent
FORMATS = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith(("_", "test_")))


def run(name: str, files: int, first: int = 0) -> Counter[str]:
    """Compare files of the seeds from `first` on; count the outcomes.

    Raises:
        AssertionError: A difference; it names the seed.
    """
    module = import_module(f"tests.differential.{name}")
    outcomes = Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + files):
            try:
                outcomes[module.compare(Random(seed), Path(folder))] += 1
            except Exception as error:
                raise AssertionError(f"{name}, seed {seed}: {type(error).__name__}: {error}") from error
    return outcomes


def main() -> int:
    """Compare the named formats, by default all; return 1 at the first difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("formats", nargs="*", default=FORMATS)
    parser.add_argument("--files", type=int, default=100_000, help="of each format")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    given = parser.parse_args()
    for name in given.formats:
        start = time.monotonic()
        try:
            outcomes = run(name, given.files, given.first)
        except AssertionError as error:
            print(error)
            return 1
        counts = ", ".join(f"{count:,} {outcome}" for outcome, count in outcomes.most_common())
        print(f"{name:12} {given.files:>9,} files in {time.monotonic() - start:,.0f} s: {counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
