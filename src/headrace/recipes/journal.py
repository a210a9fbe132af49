"""The journal of a run: an interrupted run resumes, and a run with other options is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from headrace.errors import UsageError
from headrace.json_fields import read_value
from headrace.storage import FolderLock, is_working_file, write_text

__all__ = ["Journal", "check_source", "has_journal", "read_journal"]

FORMAT = "headrace run 1"  # the first journals did not name it

_HINT = "pass --fresh to start over, or choose another --out-dir"
_LOCK_HINT = "wait until it has finished, or choose another --out-dir"
_FOLDERS = ("records", "transform", "training")
_FILES = ("model.onnx", "verdict.json", "metrics.json", "report.html")


class Journal:
    """The file `run.json` in the folder of a run: its options, and the seconds of each finished step.

    Args:
        folder: The folder of the run; created if needed.
        options: The options; a run resumes only with the same options.
        source: The digest of the recipe's source; a run resumes only with the same recipe.
        fresh: Delete the files of an earlier run in the folder first; other files stay.

    Attributes:
        options: The options.
        source: The digest of the recipe's source.
        seconds: Seconds of each finished step, by the step's name.

    Raises:
        UsageError: The folder holds a run with other options or another recipe, or files of another kind, or
            another process is running in it.
    """

    def __init__(self, folder: Path, options: Mapping[str, Any], source: str, *, fresh: bool = False) -> None:
        self.path = folder / "run.json"
        if fresh or not has_journal(folder):
            with FolderLock(folder, _LOCK_HINT):
                self._start(folder, {"options": dict(options), "source": source, "steps": {}}, fresh=fresh)
        stored = read_journal(folder)
        previous = stored["options"]
        changed = [key for key in {**options, **previous} if options.get(key) != previous.get(key)]
        if changed:
            was = ", ".join(f"{key}={previous.get(key)}" for key in changed)
            raise UsageError(f"the folder holds a run with {was}", path=str(folder), hint=_HINT)
        check_source(stored, source, folder)
        self.source = source
        self.options: dict[str, Any] = stored["options"]
        self.seconds: dict[str, float] = stored["steps"]

    def _start(self, folder: Path, journal: Mapping[str, Any], *, fresh: bool) -> None:
        """Write the journal of a new run, unless another process has just done so."""
        if self.path.exists():
            if fresh or _is_being_deleted(self.path):
                self._write({**journal, "deleting": True})  # a killed deletion is repeated by the next run
                _delete_run(folder)
                self._write(journal)
        elif _holds_files(folder):
            raise UsageError(
                "the folder holds files that are not of a run",
                path=str(folder),
                hint="choose another --out-dir",
            )
        else:
            self._write(journal)

    @contextmanager
    def lock(self) -> Generator[None]:
        """Hold the lock of the run's folder, with the steps that other processes have finished.

        Raises:
            UsageError: Another process is running in the folder.
        """
        folder = self.path.parent
        with FolderLock(folder, _LOCK_HINT):
            self.seconds = read_journal(folder)["steps"]
            yield

    def do_step(self, name: str, work: Callable[[], object]) -> None:
        """Do a step unless it is done; it is done once `work` has returned."""
        if name in self.seconds:
            return
        start = monotonic()
        work()
        self.seconds[name] = monotonic() - start
        self._write({"options": self.options, "source": self.source, "steps": self.seconds})

    def _write(self, journal: Mapping[str, Any]) -> None:
        write_text(self.path, json.dumps({"format": FORMAT, **journal}, indent=1) + "\n")


def has_journal(folder: Path) -> bool:
    """Return whether a folder holds a run that no killed process was deleting."""
    path = folder / "run.json"
    return path.exists() and not _is_being_deleted(path)


def check_source(journal: Mapping[str, Any], source: str, folder: Path) -> None:
    """Compare the digest of a recipe's source with that in the journal of a run.

    Raises:
        UsageError: They differ.
    """
    if journal["source"] != source:
        raise UsageError("the recipe has changed since the run was started", path=str(folder), hint=_HINT)


def _is_being_deleted(path: Path) -> bool:
    """Return whether a killed process was deleting the run."""
    try:
        return bool(json.loads(path.read_text()).get("deleting"))
    except (OSError, ValueError, AttributeError):
        return False


def _holds_files(folder: Path) -> bool:
    """Return whether a folder holds anything but working files, as a writer that was killed leaves them."""
    return any(not is_working_file(path.name) for path in folder.iterdir())


def _delete_run(folder: Path) -> None:
    """Delete the files of a run but its journal."""
    for name in _FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in _FILES:
        (folder / name).unlink(missing_ok=True)


def read_journal(folder: Path) -> dict[str, Any]:
    """Read the options, the recipe's digest and the finished steps of the run in a folder.

    Raises:
        UsageError: The folder does not hold a run, or its journal is damaged or of another format.
    """
    path = folder / "run.json"
    try:
        stored = json.loads(path.read_text())
        version = stored.get("format", FORMAT)
        if version != FORMAT:
            raise UsageError(
                f"expected format '{FORMAT}', got '{version}'",
                path=str(path),
                hint="use the version of Headrace that started the run, or another folder",
            )
        return {
            "options": read_value(stored["options"], dict[str, Any]),
            "source": read_value(stored["source"], str),
            "steps": read_value(stored["steps"], dict[str, float]),
        }
    except OSError as error:
        hint = "name a model in a folder that `headrace run` wrote"
        raise UsageError("the folder does not hold a run", path=str(path), hint=hint) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            "the run's journal is damaged", path=str(path), hint="run again with --fresh"
        ) from error
