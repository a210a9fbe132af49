"""A copy of the package to which tests add files, and interpreters that import the copy."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import headrace
from headrace._native import _kernels

ROOT = Path(__file__).parents[2]
PACKAGE = Path(headrace.__file__).parent

# An editable install finds modules by a finder of its own, before sys.path; the copy must come first.
IMPORT_THE_COPY = """
import sys
sys.meta_path[:] = [each for each in sys.meta_path if not type(each).__module__.startswith("_editable")]
sys.path.insert(0, {copy!r})
import headrace
assert headrace.__file__.startswith({copy!r}), headrace.__file__
"""


@dataclass(frozen=True)
class PackageCopy:
    """A copy of the installed package, of links to its files.

    Attributes:
        folder: The folder that contains `headrace`.
    """

    folder: Path

    def add(self, file: Path, place: str) -> None:
        """Add a file to the package at `place`, such as "transform/ops/numbers/softsign.py"."""
        target = self.folder / "headrace" / place
        assert not target.exists(), f"{place} exists"
        shutil.copyfile(file, target)

    def run(self, code: str) -> str:
        """Run code in a new interpreter that imports the copy; return what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", IMPORT_THE_COPY.format(copy=str(self.folder)) + code],
            cwd=ROOT, capture_output=True, text=True, timeout=1200,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def package_copy(tmp_path: Path) -> PackageCopy:
    """A copy of the package, with its native kernels."""
    copy = tmp_path / "site" / "headrace"
    shutil.copytree(
        PACKAGE, copy, copy_function=lambda source, target: Path(target).symlink_to(source),
        ignore=shutil.ignore_patterns("__pycache__"),
    )  # fmt: skip
    kernels = copy / "_native" / Path(_kernels.__file__).name
    if not kernels.exists():
        kernels.symlink_to(_kernels.__file__)
    return PackageCopy(copy.parent)
