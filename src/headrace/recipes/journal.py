"""The journal of a run: which steps are done, and with which settings, so that the rest can be done."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from headrace.errors import ModelError, UsageError
from headrace.json_fields import read_value
from headrace.recipes.step_inputs import StepInputs, compare_inputs, may_continue
from headrace.storage import SEAL, FolderLock, check_seal, is_working_file, seal, write_bytes

__all__ = ["Journal", "read_journal"]

FORMAT = "headrace run 1"  # the first journals did not name it

_HINT = "pass --fresh to start over, or choose another --out-dir"
_LOCK_HINT = "wait until it has finished, or choose another --out-dir"
_FOLDERS = ("records", "transform", "training")
_FOLDER_OF_STEP = {"records": "records", "analyze": "transform"}
_BEFORE_EXPORT = ("records", "analyze", "train")
_FILES = ("data.json", "model.onnx", "verdict.json", "metrics.json", "report.html", "report.json")


class Journal:
    """The file `run.json` in the folder of a run: its options, and the finished steps with their inputs.

    A step is done again, and all after it, if a setting that it depends on has changed. Once the network has
    been trained on the results of a step, that would mix the old and the new setting: it is refused. A
    training continues if it is asked for more epochs or more patience.

    Args:
        folder: The folder of the run; created if needed.
        options: The options of the user.
        source: The digest of the recipe's source.
        inputs: What each step depends on, by the step's name, in order.
        fresh: Delete the files of an earlier run in the folder first; other files stay.

    Attributes:
        source: The digest of the recipe's source.
        seconds: Seconds of each finished step, by the step's name.
        changes: The settings that have changed since a finished step, after `lock`.

    Raises:
        UsageError: The folder holds a network that was trained with other settings, or files of another kind,
            or another process is running in it.
    """

    def __init__(
        self,
        folder: Path,
        options: Mapping[str, Any],
        source: str,
        inputs: Mapping[str, StepInputs],
        *,
        fresh: bool = False,
    ) -> None:
        self.path = folder / "run.json"
        if fresh or not _has_journal(folder):
            with FolderLock(folder, _LOCK_HINT):
                new = {"options": dict(options), "source": source, "steps": {}, "inputs": {}}
                self._start(folder, new, fresh=fresh)
        self.options = dict(options)
        self.source = source
        self.seconds: dict[str, float] = {}
        self.changes: list[str] = []
        self._inputs = inputs
        self._done: dict[str, StepInputs] = {}
        self._may_be_refused = False  # by `fit`, which knows whether a training can go on
        self._compare(read_journal(folder))

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
            UsageError: Another process is running in the folder, or has trained with other settings.
        """
        folder = self.path.parent
        with FolderLock(folder, _LOCK_HINT):
            outdated = self._compare(read_journal(folder))
            if not self._may_be_refused:
                self._save()
            for name in outdated:  # after the journal: a killed process must not leave a step without files
                if name in _FOLDER_OF_STEP:
                    shutil.rmtree(folder / _FOLDER_OF_STEP[name], ignore_errors=True)
            yield

    def do_step(self, name: str, work: Callable[[], object]) -> None:
        """Do a step unless it is done; it is done once `work` has returned, unless that returned False."""
        if name in self._done:
            return
        for later in _list_from(name, self._inputs):
            self.seconds.pop(later, None)
            self._done.pop(later, None)
        if not self._may_be_refused:
            self._save(started=name)
        start = monotonic()
        succeeded = work() is not False
        self.seconds[name] = monotonic() - start
        self._may_be_refused = False
        if succeeded:
            self._done[name] = self._inputs[name]
        self._save()

    def _compare(self, stored: Mapping[str, Any]) -> list[str]:
        """Keep the finished steps whose inputs have not changed; return the names of those that have.

        Raises:
            UsageError: The network was trained on the result of one of the others.
        """
        steps: dict[str, float] = stored["steps"]
        self.changes = []
        begun = [name for name in self._inputs if name in steps or name in stored["inputs"]]
        kept = list[str]()
        for name in begun:
            self.changes = self._find_changes(name, stored)
            if self.changes or name not in steps:
                break
            kept.append(name)
        if self.changes and self._would_mix(begun[len(kept)], stored):
            what = "the folder holds a network that was trained with other settings: "
            raise UsageError(what + ", ".join(self.changes), path=str(self.path.parent), hint=_HINT)
        self._may_be_refused = bool(self.changes) and self._is_trained(begun[len(kept)], stored)
        self.seconds = {name: steps[name] for name in kept}
        self._done = {name: self._inputs[name] for name in kept}
        return [name for name in begun[len(kept) :] if self.changes]

    def _find_changes(self, step: str, stored: Mapping[str, Any]) -> list[str]:
        """List the settings of a step that have changed since it was done."""
        if step in stored["inputs"]:
            return compare_inputs(stored["inputs"][step], self._inputs[step])
        changes = compare_inputs(stored["options"], self.options)  # the first journals had no inputs
        return [*changes, *(["the recipe has changed"] if stored["source"] != self.source else [])]

    def _would_mix(self, step: str, stored: Mapping[str, Any]) -> bool:
        """Return whether a network has been trained with other inputs of a step."""
        if not self._is_trained(step, stored):
            return False
        old = stored["inputs"].get(step)
        return step != "train" or old is None or not may_continue(old, self._inputs[step])

    def _is_trained(self, step: str, stored: Mapping[str, Any]) -> bool:
        """Return whether a network has been trained on what a step computed."""
        has_state = (self.path.parent / "training" / "state.safetensors").exists()
        return step in _BEFORE_EXPORT and ("train" in stored["steps"] or has_state)

    def _save(self, *, started: str | None = None) -> None:
        steps = {name: self.seconds[name] for name in self._done}
        inputs = {name: dict(self._inputs[name]) for name in (*self._done, started) if name}
        self._write({"options": self.options, "source": self.source, "steps": steps, "inputs": inputs})

    def _write(self, journal: Mapping[str, Any]) -> None:
        text = json.dumps({**SEAL, "format": FORMAT, **journal}, indent=1) + "\n"
        write_bytes(self.path, seal(text.replace('": "', '":"', 1).encode()))


def _has_journal(folder: Path) -> bool:
    """Return whether a folder holds a run that no killed process was deleting."""
    path = folder / "run.json"
    return path.exists() and not _is_being_deleted(path)


def _list_from(name: str, steps: Mapping[str, Any]) -> list[str]:
    """List a step and those after it."""
    names = list(steps)
    return names[names.index(name) :]


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
    """Read the options, the recipe's digest, and the finished steps and their inputs of the run in a folder.

    Raises:
        UsageError: The folder does not hold a run, or its journal is damaged or of another format.
    """
    path = folder / "run.json"
    try:
        data = path.read_bytes()
        check_seal(data, str(path))  # what another program wrote again has no digits in this place
        stored = json.loads(data.decode())
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
            "inputs": read_value(stored.get("inputs", {}), dict[str, dict[str, Any]]),
        }
    except OSError as error:
        hint = "name a model in a folder that `headrace run` wrote"
        raise UsageError("the folder does not hold a run", path=str(path), hint=hint) from error
    except (ModelError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            "the run's journal is damaged", path=str(path), hint="run again with --fresh"
        ) from error
