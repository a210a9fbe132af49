"""A rare class: how many of its rows are found with balanced weights, and no other option."""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

import numpy as np

import headrace as hr
from bench.jobs.headrace_job import init, run, write_parts
from bench.jobs.tables import TABLES

__all__ = ["compare_imbalance"]

_LEAST_RECALL = 0.6  # of the rare class in the test rows, mean over the seeds
_ROW = "{:<6} {:>10} {:>10} {:>10}"


def compare_imbalance(options: argparse.Namespace, directory: Path) -> bool:
    """Predict relapses of nwtco by init, and by run with balanced weights; measure the label of the file."""
    table = TABLES["nwtco"]
    print(_ROW.format(table.name, "relapses", "others", "balanced"))
    found: list[tuple[float, float]] = []
    for seed in range(options.seeds):
        folder = directory / f"imbalance-{seed}"
        folder.mkdir(parents=True)
        table.write(options.data, folder / "data.csv", seed)
        init(folder / "data.csv", table.label, folder / "recipe.py")
        run(folder / "recipe.py", folder / "run", seed, "--class-weight", "balanced")
        rows = write_parts(folder / "recipe.py", folder)
        answers = hr.serving.load(folder / "run/model.onnx").run(rows)["label"].astype(str)
        truth = np.array(rows.column(table.label).to_pylist()).astype(str)
        found.append(
            (float((answers[truth == "1"] == "1").mean()), float((answers[truth == "0"] == "0").mean()))
        )
        _print(f"seed {seed}", *found[-1])
    recall, others = (statistics.fmean(each) for each in zip(*found, strict=True))
    _print("mean", recall, others)
    print(f"recall of relapses at least {_LEAST_RECALL:.0%}: {'yes' if recall >= _LEAST_RECALL else 'no'}")
    return recall >= _LEAST_RECALL


def _print(title: str, recall: float, others: float) -> None:
    cells = [f"{share:.1%}" for share in (recall, others, (recall + others) / 2)]
    print(_ROW.format(title, *cells), flush=True)
