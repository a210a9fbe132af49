"""Change one byte of each kind of file, 2,000 times each; print what happened, and every other answer."""

import argparse
import sys
import tempfile
from pathlib import Path

from .files import FILES, try_flips


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flips", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    wrong: list[str] = []
    for name, kind in FILES.items():
        with tempfile.TemporaryDirectory() as folder:
            outcome = try_flips(kind, Path(folder), options.flips, options.seed)
        print(f"{name:24} {outcome.same:6,} the same answer {outcome.refused:6,} one clear line", flush=True)
        wrong += [f"{name}: {each}" for each in outcome.wrong]
    print("\n".join(wrong) or "no other answer, no traceback")
    sys.exit(bool(wrong))


main()
