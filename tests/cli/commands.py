"""Commands as users give them, and how they end."""

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import headrace
from headrace.cli import main

PROGRAM = "from headrace.cli import main; main()"
SOURCE = str(Path(headrace.__file__).parents[1])


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def started(*words: object, cwd: Path | None = None, columns: int = 80) -> Ended:
    """A command in a process of its own."""
    command = [sys.executable, "-c", PROGRAM, *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": SOURCE, "COLUMNS": str(columns)}
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=cwd, env=environment, check=False, timeout=300
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def called(*words: object) -> Ended:
    """A command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as caught,
    ):
        main([str(word) for word in words])
    assert isinstance(caught.value.code, int)
    return Ended(caught.value.code, out.getvalue(), err.getvalue())


def refusal(ended: Ended) -> str:
    """The one line that a refused command leaves on standard error."""
    assert ended.code == 2, ended
    assert "Traceback" not in ended.out + ended.err
    (line,) = ended.err.splitlines()
    return line
