"""The exercises beside the same in TensorFlow and Keras: CPU seconds of every part, memory, accuracy.

    python -m bench.exercises --data DIR [--exercises dense reviews] [--seeds 3] [--epochs 5]

Both sides run on one CPU, one after the other, each in a process and a folder of its own, and read the same
raw files from the page cache. Imports, and what only one side has (profile, `verify`), are shown and not
compared.
"""

from __future__ import annotations

import argparse
import compileall
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.environments import ROOT
from bench.exercises.cells import count_code_lines, read_cells

SIDES = ("headrace", "tensorflow")
_APART = ("Import", "Settings", "Profile", "Verify", "The same by the catalogue")
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
_CNN = {
    "headrace": (
        "[nn.Unflatten(1, (1, 28)), nn.Conv2d(1, 64, 7, padding=3), nn.ReLU(), nn.MaxPool2d(2),"
        " nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.Conv2d(128, 128, 3, padding=1), nn.ReLU(),"
        " nn.MaxPool2d(2), nn.Conv2d(128, 256, 3, padding=1), nn.ReLU(), nn.Conv2d(256, 256, 3, padding=1),"
        " nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(2304, 128), nn.ReLU(), nn.Dropout(0.5),"
        " nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 10)]"
    ),
    "tensorflow": (
        "[keras.layers.Reshape([28, 28, 1]),"
        " *(keras.layers.MaxPooling2D() if size is None else"
        " keras.layers.Conv2D(*size, padding='same', activation='relu', kernel_initializer='he_normal')"
        " for size in [(64, 7), None, (128, 3), (128, 3), None, (256, 3), (256, 3), None]),"
        " keras.layers.Flatten(), keras.layers.Dense(128, activation='relu', kernel_initializer='he_normal'),"
        " keras.layers.Dropout(0.5),"
        " keras.layers.Dense(64, activation='relu', kernel_initializer='he_normal'),"
        " keras.layers.Dropout(0.5), keras.layers.Dense(10)]"
    ),
}


@dataclass(frozen=True)
class Exercise:
    """An exercise, with the least ratio of the CPU seconds that it must have."""

    script: str
    least: float
    settings: dict[str, str]


def _make_exercises(data: Path, folder: Path, epochs: int, cnn_rows: int) -> dict[str, Exercise]:
    images = {"DATA": repr(str(data)), "EPOCHS": str(epochs)}
    texts = {"EPOCHS": str(epochs)}
    return {
        "dense": Exercise("fashion_mnist", 2.0, {**images, "TRAIN_ROWS": "55_000"}),
        "cnn": Exercise(
            "fashion_mnist",
            1.2,
            {"DATA": repr(str(folder / "images")), "TRAIN_ROWS": str(cnn_rows), "EPOCHS": "1"},
        ),
        "reviews": Exercise("film_reviews", 2.0, {**texts, "DATA": repr(str(folder / "reviews"))}),
        "pieces": Exercise("film_reviews", 2.0, {**texts, "DATA": repr(str(folder / "pieces"))}),
    }


def _write_images(data: Path, folder: Path, rows: int) -> None:
    """Write the first images and labels of each part, with a fifth more to validate on."""
    folder.mkdir()
    for part, count in (("train", rows + rows // 5), ("t10k", rows // 5)):
        for kind, header, size in (("images-idx3", 16, 28 * 28), ("labels-idx1", 8, 1)):
            name = f"fashion-mnist-{part}-{kind}-ubyte.gz"
            with gzip.open(data / name) as file:
                head, body = bytearray(file.read(header)), file.read(count * size)
            head[4:8] = count.to_bytes(4, "big")
            with gzip.open(folder / name, "wb", compresslevel=1) as file:
                file.write(head + body)


def _write_texts(archive: Path, folder: Path) -> None:
    """Write 2,000 reviews as a folder a class, and 40,000 pieces of them, 20 of each review."""
    with zipfile.ZipFile(archive) as file:
        for name in file.namelist():
            *_, label, stem = name.split("/")
            if label not in ("neg", "pos") or not stem.endswith(".txt"):
                continue
            words = file.read(name).decode("utf-8", "replace").split(" ")
            _write(folder / "reviews" / label / stem, words)
            size = -(-len(words) // 20)
            for piece in range(20):
                _write(folder / "pieces" / label / f"{piece}-{stem}", words[piece * size :][:size])


def _write(path: Path, words: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(" ".join(words), encoding="utf-8")


def _script(side: str, name: str) -> Path:
    return ROOT / ("docs/exercises" if side == "headrace" else "bench/exercises/tensorflow") / f"{name}.py"


def _run(side: str, exercise: Exercise, settings: dict[str, str]) -> dict[str, Any]:
    default = {"headrace": sys.executable, "tensorflow": str(ROOT / ".venv-tensorflow/bin/python")}
    python = os.environ.get(f"HEADRACE_BENCH_{side.upper()}", default[side])
    arguments = [
        "-m", "bench.exercises.run_script", str(_script(side, exercise.script)), json.dumps(settings)
    ]  # fmt: skip
    environment = {**os.environ, **_QUIET, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0))), python, *arguments],
            stdout=subprocess.PIPE, stderr=errors, text=True, cwd=folder, env=environment,
        )  # fmt: skip
        output, _ = process.communicate()
        if process.returncode:
            errors.seek(0)
            raise SystemExit(f"{side} failed:\n{errors.read()[-2000:]}")
    return json.loads(output)


def _sum(measured: dict[str, Any]) -> float:
    return sum(seconds for title, seconds in measured["parts"].items() if title not in _APART)


def _report(name: str, exercise: Exercise, runs: dict[str, list[dict[str, Any]]]) -> bool:
    lines = {
        side: count_code_lines(
            [each for each in read_cells(_script(side, exercise.script)) if each.title not in _APART[2:]]
        )
        for side in SIDES
    }
    print(f"\n{name}: CPU seconds, median of {len(runs[SIDES[0]])} seeds")
    for title in runs["headrace"][0]["parts"]:
        found = {side: [run["parts"].get(title) for run in runs[side]] for side in SIDES}
        shown = [
            f"{statistics.median(found[side]):10.2f}" if None not in found[side] else " " * 9 + "-"
            for side in SIDES
        ]
        print(f"  {title:50}{''.join(shown)}{'   apart' if title in _APART else ''}")
    totals = {side: [_sum(run) for run in runs[side]] for side in SIDES}
    print(f"  {'together':50}{''.join(f'{statistics.median(totals[side]):10.2f}' for side in SIDES)}")
    accuracy = {side: statistics.mean(run["accuracy"] for run in runs[side]) for side in SIDES}
    peak = {side: max(run["peak_mb"] for run in runs[side]) for side in SIDES}
    print(f"  {'accuracy':50}{''.join(f'{accuracy[side]:10.2%}' for side in SIDES)}")
    print(f"  {'peak memory, MB':50}{''.join(f'{peak[side]:10.0f}' for side in SIDES)}")
    print(f"  {'lines of code':50}{''.join(f'{lines[side]:10}' for side in SIDES)}")
    ratio = statistics.median(theirs / ours for ours, theirs in zip(*totals.values(), strict=True))
    verdicts = {
        f"{ratio:.2f}x faster, at least {exercise.least:g}x": ratio >= exercise.least,
        "equal or better accuracy": accuracy["headrace"] >= accuracy["tensorflow"],
        "no more memory": peak["headrace"] <= peak["tensorflow"],
        "fewer lines": lines["headrace"] < lines["tensorflow"],
    }
    for text, holds in verdicts.items():
        print(f"  {'holds' if holds else 'DOES NOT HOLD'}: {text}")
    return all(verdicts.values())


def main() -> None:
    """Run the exercises and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of the idx files and the reviews' zip"
    )
    parser.add_argument("--exercises", nargs="*", default=["dense", "reviews", "pieces", "cnn"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--cnn-rows", type=int, default=3_000, help="training images of the CNN, one epoch")
    options = parser.parse_args()
    compileall.compile_dir(ROOT / "src", quiet=1)  # as pip compiles the modules of the other side
    holds = True
    with tempfile.TemporaryDirectory() as folder:
        _write_texts(options.data / "movie_reviews.zip", Path(folder))
        _write_images(options.data, Path(folder) / "images", options.cnn_rows)
        exercises = _make_exercises(options.data.resolve(), Path(folder), options.epochs, options.cnn_rows)
        for name in options.exercises:
            exercise, runs = exercises[name], dict[str, list[dict[str, Any]]]({side: [] for side in SIDES})
            for seed in range(options.seeds):
                for side in SIDES:
                    layers = {"LAYERS": _CNN[side]} if name == "cnn" else {}
                    runs[side].append(
                        _run(side, exercise, {**exercise.settings, "SEED": str(seed), **layers})
                    )
            holds = _report(name, exercise, runs) and holds
    if not holds:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
