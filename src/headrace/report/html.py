"""The report of a training: one HTML page without external files."""

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

from headrace.deploy import Verdict
from headrace.errors import UsageError
from headrace.parallel import available_cpus
from headrace.progress import duration
from headrace.report import plots
from headrace.storage import local_target, write_text
from headrace.training import (
    FitResult,
    Predictions,
    confusion_matrix,
    root_mean_squared_error,
)

__all__ = ["Samples", "write_report"]

PACKAGES = ("headrace", "torch", "onnxruntime", "pyarrow", "numpy")


@dataclass(frozen=True)
class Samples:
    """Images to show with their predicted classes.

    Attributes:
        images: [N, height, width] or [N, height, width, 3], uint8 or float from 0 to 1.
        labels: True classes, integers [N].
        predicted: Predicted classes, integers [N].
    """

    images: NDArray[Any]
    labels: NDArray[np.integer]
    predicted: NDArray[np.integer]


@dataclass(frozen=True)
class _Tile:
    """A number at the top of the report."""

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
    verdict: Verdict | None = None,
    artefacts: Mapping[str, str | os.PathLike[str]] | None = None,
    unit: str = "",
) -> Path:
    """Write the report of a training as one HTML page; images and styles are embedded.

    Args:
        path: The file to write; its folder is created if needed.
        title: The heading of the page.
        result: The training.
        subtitle: A sentence about data and model.
        predictions: Predictions for the test data, with labels: for the confusion matrix (classification) or
            the plot of predicted against true values (regression), and for the test metric at the top. None
            shows the best epoch's validation metric instead.
        class_names: Names of the classes of a classifier; None shows class numbers.
        samples: Images to show with their predicted classes.
        steps: Seconds of each step of the run, in order.
        throughput: Other measurements, name to text ("Example parser": "3.7 M examples/s").
        verdict: The result of `hr.deploy.verify`.
        artefacts: Files of the run, name to path.
        unit: Unit of a regression's label, such as "$".

    Returns:
        The path.

    Raises:
        UsageError: The predictions have no labels, or a class has no name.
    """
    pictures = {"learning curves": plots.plot_learning_curves(result.history, ["loss", _metric_name(result)])}
    pictures |= _plot_predictions(result, predictions, class_names)
    if samples is not None:
        names = _class_names(class_names, int(max(samples.labels.max(), samples.predicted.max())) + 1)
        pictures["samples"] = plots.plot_samples(
            samples.images, [names[n] for n in samples.labels], [names[n] for n in samples.predicted]
        )
    page = _load_template().render(
        title=title,
        subtitle=subtitle,
        tiles=_make_tiles(result, predictions, verdict, unit),
        pictures={name: _encode_png(png) for name, png in pictures.items()},
        history=_select_rows(result),
        metric=_metric_name(result),
        best_epoch=result.best_epoch,
        steps=steps or {},
        longest=max((steps or {"": 1.0}).values()) or 1.0,
        throughput=throughput or {},
        verdict=verdict,
        artefacts={name: os.fspath(file) for name, file in (artefacts or {}).items()},
        environment=_describe_environment(),
    )
    path = local_target(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, page)
    return path


def _describe_environment() -> dict[str, str]:
    """List what the measurements depend on apart from the code: versions, system, cores."""
    return {
        "Python": platform.python_version(),
        **{name: _find_version(name) for name in PACKAGES},
        "system": f"{platform.system()} {platform.machine()}",
        "CPU cores": str(available_cpus()),
        "torch threads": str(torch.get_num_threads()),
        "GPU": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
    }


def _find_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a source tree
        return "source tree"


def _metric_name(result: FitResult) -> str:
    return {"classification": "accuracy", "regression": "rmse"}.get(result.task, result.monitor)


def _select_rows(result: FitResult) -> list[dict[str, float]]:
    """Select all epochs of a short training; the first, the last and the best epochs of a long one."""
    ends = {1, 2, *range(result.epochs - 4, result.epochs + 1), result.best_epoch}
    return [row for row in result.history if result.epochs <= 12 or row["epoch"] in ends]


def _class_names(given: Sequence[str] | None, classes: int) -> list[str]:
    names = [str(n) for n in range(classes)] if given is None else list(given)
    if len(names) < classes:
        raise UsageError(f"expected {classes} class names, got {len(names)}", hint="name every class")
    return names


def _require_labels(predictions: Predictions) -> NDArray[Any]:
    if predictions.labels is None:
        raise UsageError("the predictions have no labels", hint="pass label=... to predict")
    return predictions.labels


def _plot_predictions(
    result: FitResult, predictions: Predictions | None, class_names: Sequence[str] | None
) -> dict[str, bytes]:
    if predictions is None:
        return {}
    labels = _require_labels(predictions)
    if result.task == "regression":
        return {"predicted against true": plots.plot_predictions(labels, predictions.outputs.reshape(-1))}
    names = _class_names(class_names, predictions.class_count)
    matrix = confusion_matrix(labels, predictions.classes, len(names))
    return {"confusion matrix": plots.plot_confusion_matrix(matrix, names)}


def _score_tile(result: FitResult, predictions: Predictions | None, unit: str) -> _Tile:
    where, name = ("validation" if predictions is None else "test"), _metric_name(result)
    if predictions is None:
        value = result.best[f"validation_{name}"]
    elif name == "accuracy":
        value = float((_require_labels(predictions) == predictions.classes).mean())
    else:
        value = root_mean_squared_error(_require_labels(predictions), predictions.outputs.reshape(-1))
    if name == "accuracy":
        return _Tile(f"{where} accuracy", f"{value:.2%}")
    return _Tile(f"{where} RMSE, {unit}" if unit else f"{where} RMSE", plots.format_number(value))


def _make_tiles(
    result: FitResult, predictions: Predictions | None, verdict: Verdict | None, unit: str
) -> list[_Tile]:
    tiles = [
        _score_tile(result, predictions, unit),
        _Tile("training, examples/s", f"{result.examples_per_second:,.0f}"),
        _Tile(f"minutes for {result.epochs} epoch{'s' * (result.epochs != 1)}", duration(result.seconds)),
        _Tile("parameters", f"{result.parameters:,}"),
    ]
    if verdict is not None:
        outcome = "verified" if verdict.passed else "skew found"
        tiles.append(_Tile("training = serving", outcome, verdict.passed))
    return tiles


def _encode_png(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _load_template() -> Any:
    source = files("headrace.report").joinpath("report.html.j2").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["duration"] = _format_step_time
    environment.filters["number"] = plots.format_number
    return environment.from_string(source)


def _format_step_time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{duration(seconds)} min"
