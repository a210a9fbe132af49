"""A function is another one if anything that it reaches changes, and the same if only the text does."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

from headrace.data.user_function import function_identity

_spec = importlib.util.spec_from_file_location("program", Path(__file__).with_name("program.py"))
assert _spec is not None
assert _spec.loader is not None
program = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(program)


def identity(files: dict[str, str], folder: Path) -> str:
    found = function_identity(program.load(files, folder).prepare)
    assert not found.unknown
    return found.digest


def test_every_one_of_100_changes_is_another_function(tmp_path: Path) -> None:
    seen = {identity(program.FILES, tmp_path): "the program itself"}
    for files in program.mutations():
        found = identity(files, tmp_path)
        assert found not in seen, (files, seen[found])
        seen[found] = str(files)
    assert len(seen) > 100


def test_none_of_100_changes_of_the_text_is_another_function(tmp_path: Path) -> None:
    expected = identity(program.FILES, tmp_path)
    changes = list(program.harmless())
    assert len(changes) > 100
    for files in changes:
        found = identity(files, tmp_path)
        assert found == expected, next(text for name, text in files.items() if text != program.FILES[name])


def test_the_identity_is_the_same_in_other_processes_and_folders(tmp_path: Path) -> None:
    expected = identity(program.FILES, tmp_path)
    program.load(program.FILES, tmp_path / "elsewhere")
    (folder,) = (tmp_path / "elsewhere").iterdir()
    code = (
        "import main; from headrace.data.user_function import function_identity;"
        "print(function_identity(main.prepare).digest)"
    )
    for seed in ("1", "2", "3"):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=folder, env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(folder)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == expected
