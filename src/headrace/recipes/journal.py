"""What a run has done so far: an interrupted run goes on, and one with other options says so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from headrace.errors import UsageError
from headrace.storage import is_working_file, write_text

__all__ = ["Journal"]


_START_OVER = "add --fresh to start over, or choose another --out-dir"
_FOLDERS = ("records", "transform", "training")
_FILES = ("model.onnx", "verdict.json", "metrics.json", "report.html", "run.json")


class Journal:
    """The file `run.json` of a run's folder: the options it was started with, and the seconds each step took.

    Args:
        folder: The run's folder; made if need be.
        options: What must stay the same if the run is to go on.
        source: The digest of the recipe's text, which must stay the same too.
        fresh: Whether to delete what the folder holds of an earlier run; other files in it stay.

    Raises:
        UsageError: The folder holds a run with other options or of another recipe, or no run at all.
    """

    def __init__(self, folder: Path, options: Mapping[str, Any], source: str, *, fresh: bool = False) -> None:
        self.path = folder / "run.json"
        if fresh and self.path.exists():
            _delete_run(folder)
        elif not self.path.exists() and folder.exists() and _holds_files(folder):
            raise UsageError(
                "the folder holds something other than a run",
                path=str(folder),
                hint="choose another --out-dir",
            )
        new: dict[str, Any] = {"options": dict(options), "source": source, "steps": {}}
        stored = read_journal(folder) if self.path.exists() else new
        changed = {key: value for key, value in options.items() if stored["options"].get(key) != value}
        if changed:
            was = ", ".join(f"{key}={stored['options'].get(key)}" for key in changed)
            raise UsageError(f"the folder holds a run with {was}", path=str(folder), hint=_START_OVER)
        if stored["source"] != source:
            raise UsageError(
                "the recipe has changed since this run began", path=str(folder), hint=_START_OVER
            )
        self.source = source
        self.options: dict[str, Any] = stored["options"]
        self.seconds: dict[str, float] = stored["steps"]
        self._write()

    def step(self, name: str, work: Callable[[], object]) -> None:
        """Do a step, unless it was done before; it counts as done once `work` has returned."""
        if name in self.seconds:
            return
        start = monotonic()
        work()
        self.seconds[name] = monotonic() - start
        self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        stored = {"options": self.options, "source": self.source, "steps": self.seconds}
        write_text(self.path, json.dumps(stored, indent=1) + "\n")


def _holds_files(folder: Path) -> bool:
    """Return whether a folder holds anything but working files, as a writer that was killed leaves them."""
    return any(not is_working_file(path.name) for path in folder.iterdir())


def _delete_run(folder: Path) -> None:
    """Delete what a run makes, the journal last, so that a deletion cut short can be repeated."""
    for name in _FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in _FILES:
        (folder / name).unlink(missing_ok=True)


def read_journal(folder: Path) -> dict[str, Any]:
    """The options, recipe's digest and steps of the run in a folder.

    Raises:
        UsageError: There is no run, or its journal is damaged.
    """
    path = folder / "run.json"
    try:
        stored = json.loads(path.read_text())
        return {
            "options": dict(stored["options"]),
            "source": str(stored["source"]),
            "steps": dict(stored["steps"]),
        }
    except OSError as error:
        hint = "name a model in the folder that `headrace run` made"
        raise UsageError("there is no run here", path=str(path), hint=hint) from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            "the run's journal is damaged", path=str(path), hint="run again with --fresh"
        ) from error
