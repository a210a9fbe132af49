"""Do the jobs, and print the scores beside those of scikit-learn."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import bench.jobs
from bench.compare import QUIET
from bench.environments import ROOT, find_python
from bench.jobs.headrace_job import Cost, answer, init, run, write_parts
from bench.jobs.images import compare_images
from bench.jobs.imbalance import compare_imbalance
from bench.jobs.tables import TABLES, Table
from bench.jobs.texts import LABEL, TEXTS, write_folds
from bench.jobs.verdict import Comparison, count_close
from bench.options import choose_subset

_MOST_SECONDS = 45.0  # of init and run, on two idle cores
_ROW = "{:<18} {:<5} {:>9} {:>9} {:>9}  {:<20} {:<20} {:>6} {:>6}  {}"


def _call_peer(kind: str, folder: Path, label: str) -> dict[str, Any]:
    command = [find_python("sklearn"), "-m", "bench.jobs.peers.sklearn", kind, str(folder), label]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, **QUIET})
    if done.returncode:
        raise SystemExit("scikit-learn failed; its output is above")
    return json.loads(done.stdout)


def _do_table(table: Table, data: Path, folder: Path, seed: int) -> tuple[dict[str, Any], Cost]:
    """Do one job on a table; return the scores of all, and what the job took."""
    folder.mkdir(parents=True)
    table.write(data, folder / "data.csv", seed)
    cost, _ = init(folder / "data.csv", table.label, folder / "recipe.py")
    cost += run(folder / "recipe.py", folder / "run", seed)
    rows = write_parts(folder / "recipe.py", folder)
    answer(folder / "run/model.onnx", rows, folder / "ours.npz")
    return _call_peer("table", folder, table.label), cost


def _compare_tables(options: argparse.Namespace, directory: Path) -> bool:
    print(
        _ROW.format(
            "table", "", "headrace", "linear", "boosting", "to linear", "to the better", "wall s", "CPU s", ""
        )
    )
    comparisons: list[Comparison] = []
    slow = False
    for name in options.only or TABLES:
        scores: list[dict[str, Any]] = []
        costs: list[Cost] = []
        for seed in range(options.seeds):
            found, cost = _do_table(TABLES[name], options.data, directory / f"{name}-{seed}", seed)
            scores.append(found)
            costs.append(cost)
        comparison = Comparison(name, TABLES[name].is_number, scores)
        comparisons.append(comparison)
        wall = max(cost.wall for cost in costs)
        slow |= wall > _MOST_SECONDS
        _print_table(comparison, wall, max(cost.cpu for cost in costs))
    close, least = count_close(comparisons)
    behind = [each.name for each in comparisons if not each.holds_against_linear]
    print(f"behind the linear model by more than a standard error: {', '.join(behind) or 'none'}")
    print(f"close to the better of both: {close} of {len(comparisons)}, at least {least}")
    print(f"every job in less than {_MOST_SECONDS:g} s: {'no' if slow else 'yes'}")
    return not behind and close >= least and not slow


def _print_table(each: Comparison, wall: float, cpu: float) -> None:
    form = "{:,.4g}" if each.is_number else "{:.4f}"
    means = [form.format(each.mean(who)) for who in ("ours", "linear", "boosting")]
    verdicts = [
        *([] if each.holds_against_linear else ["behind the linear model"]),
        *([] if each.is_close_to_better else [f"behind {each.better}"]),
    ]
    differences = [each.describe("linear"), each.describe(each.better)]
    times = [f"{wall:.1f}", f"{cpu:.1f}"]
    measure = "RMSE" if each.is_number else "AUC"
    print(
        _ROW.format(each.name, measure, *means, *differences, *times, "; ".join(verdicts) or "holds"),
        flush=True,
    )


# A recipe whose parts are those of a fold; all else is as init wrote it.
_FOLD = """
import headrace as hr
from recipe import recipe

def load(_data_dir):
    return hr.Splits(train=hr.Dataset.from_parquet({train!r}), test=hr.Dataset.from_parquet({test!r}))

recipe.load = load
"""


def _compare_texts(options: argparse.Namespace, directory: Path) -> bool:
    holds = True
    for name in options.only or TEXTS:
        goal = TEXTS[name][2]
        scores: list[dict[str, Any]] = []
        for folder in write_folds(name, options.data, directory)[: options.folds]:
            cost, _ = init(folder / "data.parquet", LABEL, folder / "recipe.py")
            fold = _FOLD.format(train=str(folder / "train.parquet"), test=str(folder / "test.parquet"))
            (folder / "fold.py").write_text(fold)
            cost += run(folder / "fold.py", folder / "run", 0)
            rows = pa.table(pq.read_table(folder / "test.parquet"))
            answer(folder / "run/model.onnx", rows, folder / "ours.npz")
            scores.append(_call_peer("texts", folder, LABEL))
            found = [f"{scores[-1][who]:.2%}" for who in ("ours", "linear")]
            print(
                f"{folder.name:<22} {found[0]:>8} {found[1]:>8} {cost.wall:>7.1f} s {cost.cpu:>7.1f} CPU s",
                flush=True,
            )
        ours, linear = (statistics.fmean(each[who] for each in scores) for who in ("ours", "linear"))
        verdict = "holds" if ours >= linear else "behind TF-IDF and logistic regression"
        reached = "reached" if ours >= goal else "missed"
        print(
            f"{name:<22} {ours:>8.2%} {linear:>8.2%}  {verdict}; the goal of {goal:.1%} is {reached}",
            flush=True,
        )
        holds &= ours >= linear
    return holds


def _check_leaks(options: argparse.Namespace, directory: Path) -> bool:
    """Give init the whole file of each table; does it name the columns that give the answer away?"""
    holds = True
    for table in TABLES.values():
        if not table.leaks:
            continue
        recipe = directory / f"{table.name}.py"
        _, printed = init(options.data / table.file, table.label, recipe)
        unnamed = [name for name in table.leaks if name not in printed]
        verdict = f"NOT NAMED: {', '.join(unnamed)}" if unnamed else "named"
        print(f"{table.name}: {', '.join(table.leaks)}: {verdict}")
        holds &= not unnamed
    return holds


_BARS = {
    "tables": _compare_tables,
    "texts": _compare_texts,
    "leaks": _check_leaks,
    "imbalance": compare_imbalance,
    "images": compare_images,
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m bench.jobs",
        description=bench.jobs.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--bars", **choose_subset(_BARS))
    parser.add_argument("--only", nargs="+", metavar="NAME", help="some of the tables or texts")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of each table")
    parser.add_argument("--folds", type=int, default=5, help="folds of the texts, at most 5")
    parser.add_argument("--images", type=int, default=10_000, help="images of CIFAR-10, over ten classes")
    data = Path(os.environ.get("HEADRACE_BENCH_DATA", "../shared/data"))
    parser.add_argument("--data", type=Path, default=data, help=f"folder of the data sets [{data}]")
    parser.add_argument(
        "--keep", type=Path, help="a new folder for recipes, runs and rows, to look at afterwards"
    )
    return parser.parse_args()


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as scratch:
        held = {bar: _BARS[bar](options, options.keep or Path(scratch)) for bar in options.bars}
    if missed := [bar for bar, holds in held.items() if not holds]:
        raise SystemExit(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
