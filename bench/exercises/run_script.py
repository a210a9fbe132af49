"""Run a script of cells in this folder, cell by cell, and print what each costs as JSON.

`python -m bench.exercises.run_script SCRIPT '{"EPOCHS": "3"}'`: the values replace the settings, as Python.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.exercises.cells import read_cells
from bench.process_tree import cpu_seconds

__all__ = ["run"]


class Finder(PathFinder):
    """Does not find pandas: neither side requires it, but pyarrow imports it where developers have it."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return None if fullname == "pandas" else super().find_spec(fullname, path, target)


class Memory(threading.Thread):
    """Samples the memory of this process, without mapped files, until it is stopped.

    Attributes:
        peak_mb: The most megabytes seen.
        stopped: Set to stop.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_mb = 0.0
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(0.05):
            lines = Path("/proc/self/status").read_text().splitlines()
            kilobytes = sum(
                int(line.split()[1]) for line in lines if line.startswith(("RssAnon", "RssShmem"))
            )
            self.peak_mb = max(self.peak_mb, kilobytes * 1024 / 1e6)


def run(script: Path, settings: Mapping[str, str]) -> dict[str, Any]:
    """Run a script.

    Args:
        script: The script.
        settings: Name of a setting to its value, as an expression in the script's names.

    Returns:
        `parts`, title to CPU seconds; `peak_mb`, the most memory up to and with the part that computes the
        accuracy; and the script's `accuracy`.
    """
    memory = Memory()
    memory.start()
    names: dict[str, Any] = {"__name__": "__main__"}
    parts = dict[str, float]()
    for cell in read_cells(script):
        if cell.is_text:
            continue
        code = compile("\n" * (cell.line - 1) + cell.source, str(script), "exec")
        begin = cpu_seconds()
        exec(code, names)
        if cell.title == "Settings":
            names.update({name: eval(value, names) for name, value in settings.items()})
        parts[cell.title] = cpu_seconds() - begin
        if "accuracy" in names:
            memory.stopped.set()
    return {"parts": parts, "accuracy": names["accuracy"], "peak_mb": memory.peak_mb}


def main() -> None:
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes to stderr
    sys.meta_path[sys.meta_path.index(PathFinder)] = Finder
    begin = time.perf_counter()
    measured = run(Path(sys.argv[1]), json.loads(sys.argv[2]))
    print(json.dumps({**measured, "seconds": time.perf_counter() - begin}), file=output, flush=True)


if __name__ == "__main__":
    main()
