"""Python files of the user: executing them, and locating the errors that their code raises."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from headrace.errors import HeadraceError, UsageError

__all__ = ["find_function", "import_file", "locate_errors"]


@contextmanager
def locate_errors(file: Path) -> Generator[None]:
    """Turn exceptions that the code of `file` raises into a `UsageError` that names the file and the line.

    Headrace's own errors, and exceptions that did not pass through the file, are not changed.

    Raises:
        UsageError: The code of the file failed, or is not valid Python.
    """
    try:
        yield
    except HeadraceError:
        raise
    except Exception as error:
        line = _find_line(error, str(file.absolute()))
        if line is None:
            raise
        what = f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}"
        raise UsageError(what, path=str(file), line=line, hint="fix the file") from error


def _find_line(error: Exception, file: str) -> int | None:
    """Find the innermost line of `file` in the error's traceback."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno
    lines = [each.lineno for each in traceback.extract_tb(error.__traceback__) if each.filename == file]
    return lines[-1] if lines else None


def import_file(path: Path) -> ModuleType:
    """Execute a Python file as a module.

    Raises:
        UsageError: The code of the file fails.
    """
    name = f"headrace_recipe_{path.stem}"  # prefixed: a file called json.py must not hide the library's json
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with locate_errors(path):
        spec.loader.exec_module(module)
    return module


def find_function(name: str) -> tuple[Path, Callable[..., Any]]:
    """Find the file and the function that `FILE.py:FUNCTION` names; `FILE.py` alone names `preprocess`.

    Raises:
        UsageError: The file or the function does not exist, or the code of the file fails.
    """
    file, _, function = name.partition(".py:")
    path = Path(file + ".py" if function else file)
    if path.suffix != ".py" or not path.is_file():
        raise UsageError("expected a Python file", path=str(path), hint="pass FILE.py:FUNCTION")
    found = getattr(import_file(path), function or "preprocess", None)
    if not callable(found):
        raise UsageError(
            f"the file does not define a function '{function or 'preprocess'}'",
            path=str(path),
            hint="pass FILE.py:FUNCTION",
        )
    return path, found
