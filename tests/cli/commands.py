"""Run commands as users do."""

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
class Result:
    """The exit code and output of a command."""

    code: int
    out: str
    err: str


def run_process(*words: object, cwd: Path | None = None, columns: int = 80) -> Result:
    """Run a command in a new process."""
    command = [sys.executable, "-c", PROGRAM, *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": SOURCE, "COLUMNS": str(columns)}
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=cwd, env=environment, check=False, timeout=1200
    )
    return Result(done.returncode, done.stdout, done.stderr)


def run_command(*words: object) -> Result:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as caught,
    ):
        main([str(word) for word in words])
    assert isinstance(caught.value.code, int)
    return Result(caught.value.code, out.getvalue(), err.getvalue())


def error_line(result: Result) -> str:
    """Return the single line that a failed command prints to standard error."""
    assert result.code == 2, result
    assert "Traceback" not in result.out + result.err
    (line,) = result.err.splitlines()
    return line
