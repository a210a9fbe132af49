"""Where the data came from, the settings, the time of each step, the files, and the machine."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

from headrace.parallel import available_cpus
from headrace.report.card import Card
from headrace.report.contents import Contents

__all__ = ["show_data", "show_environment", "show_files", "show_settings", "show_time"]

MOST_PATHS = 5
_PACKAGES = ("headrace", "torch", "onnxruntime", "pyarrow", "numpy")


def show_data(contents: Contents) -> list[Card]:
    """Show the files and folders that each part was read from, and the fingerprint of its rows."""
    parts = {
        name: {
            "paths": list(part.paths[:MOST_PATHS]),
            "more": max(0, len(part.paths) - MOST_PATHS),
            "fingerprint": part.fingerprint,
        }
        for name, part in contents.parts.items()
        if part.paths or part.fingerprint
    }
    return [Card("data", "Data", {"parts": parts}, place="last")] if parts else []


def show_settings(contents: Contents) -> list[Card]:
    """Show the command that does the run again, and the settings of the training."""
    if not contents.settings and not contents.command:
        return []
    settings = {name: _show(value) for name, value in contents.settings.items()}
    return [Card("settings", "Settings", {"command": contents.command, "settings": settings}, place="last")]


def show_time(contents: Contents) -> list[Card]:
    """Show the seconds of each step, and other measurements."""
    if not contents.steps and not contents.throughput:
        return []
    figures = {
        "steps": dict(contents.steps),
        "longest": max(contents.steps.values(), default=1.0) or 1.0,
        "throughput": dict(contents.throughput),
    }
    return [Card("time", "Where the time went", figures, place="last")]


def show_files(contents: Contents) -> list[Card]:
    """Show the files of the run."""
    files = dict(contents.artefacts)
    return [Card("files", "Files", {"files": files}, place="last")] if files else []


def show_environment(contents: Contents) -> list[Card]:
    """Show what the measurements depend on apart from the code: versions, system, cores."""
    del contents
    figures = {
        "Python": platform.python_version(),
        **{name: _find_version(name) for name in _PACKAGES},
        "system": f"{platform.system()} {platform.machine()}",
        "CPU cores": str(available_cpus()),
        "torch threads": str(torch.get_num_threads()),
        "GPU": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
    }
    return [Card("environment", "Environment", figures, place="last")]


def _find_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a source tree
        return "source tree"


def _show(value: Any) -> Any:
    """Return a setting as a JSON value; what JSON cannot hold as it is printed."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(name): _show(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_show(each) for each in value]
    return " ".join(str(value).split())[:500]
