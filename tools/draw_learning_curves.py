"""Draw the learning curves of runs, as their reports show them.

python tools/draw_learning_curves.py runs/cifar10 docs/cifar10.png
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from headrace.report import plot_learning_curves


def main() -> None:
    """Draws one run's curves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="the folder of a run that classifies")
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    history = json.loads((options.run / "training" / "history.json").read_text())["history"]
    options.out.write_bytes(plot_learning_curves(history, ["loss", "accuracy"]))


if __name__ == "__main__":
    main()
