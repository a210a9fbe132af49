"""Draw the learning curves of a run, as in its report.

python tools/draw_learning_curves.py runs/cifar10 docs/cifar10.png
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from headrace.report import plot_learning_curves


def main() -> None:
    """Draw the curves of one run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder of a classification run")
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    history = json.loads((options.run / "training" / "history.json").read_text())["history"]
    options.out.write_bytes(plot_learning_curves(history, ["loss", "accuracy"]))


if __name__ == "__main__":
    main()
