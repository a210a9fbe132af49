"""A training on one page: `report.html`, with everything inside it."""

from __future__ import annotations

import base64
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jinja2 import Environment, StrictUndefined
from numpy.typing import NDArray

from headrace.errors import UsageError
from headrace.progress import duration
from headrace.report import plots
from headrace.training import (
    FitResult,
    Predictions,
    confusion_matrix,
    root_mean_squared_error,
)

__all__ = ["Samples", "SkewCheck", "SkewRow", "write_report"]

PACKAGES = ("headrace", "torch", "onnxruntime", "pyarrow", "numpy")


@dataclass(frozen=True)
class Samples:
    """Images to show with what the model took them for.

    Attributes:
        images: [N, height, width] or [N, height, width, 3], uint8 or float from 0 to 1.
        labels: True classes, integers [N].
        predicted: Predicted classes, integers [N].
    """

    images: NDArray[Any]
    labels: NDArray[np.integer]
    predicted: NDArray[np.integer]


@dataclass(frozen=True)
class SkewRow:
    """One output of the exported model, compared with the training path.

    Attributes:
        output: Its name.
        values: How many were compared.
        largest_difference: Between two values; 0 for labels that all agree.
        mismatches: Labels that differ; None for an output of real numbers.
    """

    output: str
    values: int
    largest_difference: float
    mismatches: int | None = None


@dataclass(frozen=True)
class SkewCheck:
    """Training path against exported model, over a dataset.

    Attributes:
        agrees: The verdict.
        rows: Examples compared.
        outputs: One row an output.
    """

    agrees: bool
    rows: int
    outputs: Sequence[SkewRow]


@dataclass(frozen=True)
class Tile:
    """A number in the report's head."""

    name: str
    value: str
    good: bool | None = None


def write_report(
    path: str | os.PathLike[str],
    *,
    title: str,
    result: FitResult,
    subtitle: str = "",
    predictions: Predictions | None = None,
    class_names: Sequence[str] | None = None,
    samples: Samples | None = None,
    steps: Mapping[str, float] | None = None,
    throughput: Mapping[str, str] | None = None,
    skew: SkewCheck | None = None,
    artefacts: Mapping[str, str | os.PathLike[str]] | None = None,
    unit: str = "",
) -> Path:
    """Write a page that needs no network and no other file.

    Args:
        path: Where to; its folder is made.
        title: The page's head.
        result: What `fit` gave.
        subtitle: A sentence on data and model.
        predictions: Over test data, with labels: for the confusion matrix, or the plot of predicted against
            true, and the figure in the head. Without them the best epoch's validation figure stands there.
        class_names: For a classifier; numbers if not given.
        samples: Images to show.
        steps: Seconds of each step of the run, in order.
        throughput: What else was measured, name to text ("Example parser": "3.7 M examples/s").
        skew: The verdict of `deploy.verify`.
        artefacts: Files the run made, name to path.
        unit: Of the label, for a regression ("$").

    Returns:
        The path.

    Raises:
        UsageError: The predictions have no labels, or a class has no name.
    """
    pictures = {"learning curves": plots.learning_curves(result.history, ["loss", _decides(result)])}
    pictures |= _of_predictions(result, predictions, class_names)
    if samples is not None:
        names = _names(class_names, int(max(samples.labels.max(), samples.predicted.max())) + 1)
        pictures["samples"] = plots.sample_images(
            samples.images, [names[n] for n in samples.labels], [names[n] for n in samples.predicted]
        )
    page = _template().render(
        title=title,
        subtitle=subtitle,
        tiles=_tiles(result, predictions, skew, unit),
        pictures={name: _data_url(png) for name, png in pictures.items()},
        history=_rows_shown(result),
        decides=_decides(result),
        best_epoch=result.best_epoch,
        steps=steps or {},
        longest=max((steps or {"": 1.0}).values()) or 1.0,
        throughput=throughput or {},
        skew=skew,
        artefacts={name: os.fspath(file) for name, file in (artefacts or {}).items()},
        environment=environment(),
    )
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path


def environment() -> dict[str, str]:
    """What the figures depend on besides the code: versions, system, cores."""
    return {
        "Python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
        "system": f"{platform.system()} {platform.machine()}",
        "CPU cores": str(os.cpu_count()),
        "torch threads": str(torch.get_num_threads()),
        "GPU": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a source tree
        return "source tree"


def _decides(result: FitResult) -> str:
    return "accuracy" if result.task == "classification" else "rmse"


def _rows_shown(result: FitResult) -> list[dict[str, float]]:
    """Every epoch of a short training; the first, the last and the best of a long one."""
    ends = {1, 2, *range(result.epochs - 4, result.epochs + 1), result.best_epoch}
    return [row for row in result.history if result.epochs <= 12 or row["epoch"] in ends]


def _names(given: Sequence[str] | None, classes: int) -> list[str]:
    names = [str(n) for n in range(classes)] if given is None else list(given)
    if len(names) < classes:
        raise UsageError(f"{len(names)} class names for {classes} classes", hint="name every class")
    return names


def _labels(predictions: Predictions) -> NDArray[Any]:
    if predictions.labels is None:
        raise UsageError("predictions without labels", hint="predict with label='...'")
    return predictions.labels


def _of_predictions(
    result: FitResult, predictions: Predictions | None, class_names: Sequence[str] | None
) -> dict[str, bytes]:
    if predictions is None:
        return {}
    labels = _labels(predictions)
    if result.task == "regression":
        return {
            "predicted against true": plots.predicted_against_true(labels, predictions.outputs.reshape(-1))
        }
    names = _names(class_names, predictions.outputs.shape[1])
    matrix = confusion_matrix(labels, predictions.classes, len(names))
    return {"confusion matrix": plots.confusion(matrix, names)}


def _score(result: FitResult, predictions: Predictions | None, unit: str) -> Tile:
    where, name = ("validation" if predictions is None else "test"), _decides(result)
    if predictions is None:
        value = result.best[f"validation_{name}"]
    elif name == "accuracy":
        value = float((_labels(predictions) == predictions.classes).mean())
    else:
        value = root_mean_squared_error(_labels(predictions), predictions.outputs.reshape(-1))
    if name == "accuracy":
        return Tile(f"{where} accuracy", f"{value:.2%}")
    return Tile(f"{where} RMSE, {unit}" if unit else f"{where} RMSE", plots.figure(value))


def _tiles(
    result: FitResult, predictions: Predictions | None, skew: SkewCheck | None, unit: str
) -> list[Tile]:
    tiles = [
        _score(result, predictions, unit),
        Tile("training, examples/s", f"{result.examples_per_second:,.0f}"),
        Tile(f"minutes for {result.epochs} epoch{'s' * (result.epochs != 1)}", duration(result.seconds)),
        Tile("parameters", f"{result.parameters:,}"),
    ]
    if skew is not None:
        tiles.append(Tile("training = serving", "verified" if skew.agrees else "skew found", skew.agrees))
    return tiles


def _data_url(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _template() -> Any:
    source = files("headrace.report").joinpath("report.html.j2").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["duration"] = _step_time
    environment.filters["figure"] = plots.figure
    return environment.from_string(source)


def _step_time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{duration(seconds)} min"
