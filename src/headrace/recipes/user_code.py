"""Python files of the user: executing them, and locating the errors that their code raises."""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from headrace.errors import HeadraceError, UsageError
from headrace.file_errors import wrap_file_errors

__all__ = ["find_function", "find_modules_beside", "import_file", "locate_errors"]


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
        raise UsageError(what, path=str(file), line=line or None, hint="fix the file") from error


def _find_line(error: Exception, file: str) -> int | None:
    """Find the innermost line of `file` in the error's traceback; 0 if the error names none."""
    if isinstance(error, SyntaxError) and error.filename in (file, None):  # None: null bytes
        return error.lineno or 0
    lines = [each.lineno for each in traceback.extract_tb(error.__traceback__) if each.filename == file]
    return lines[-1] if lines else None


def import_file(path: Path) -> ModuleType:
    """Execute a Python file as a module, which can import the modules beside it.

    Raises:
        UsageError: The file cannot be read, its code fails, or it imports a module beside it that an
            installed one hides.
    """
    name = f"headrace_recipe_{path.stem}"  # prefixed: a file called json.py must not hide the library's json
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    folder = os.path.realpath(path.parent)
    if folder not in sys.path:
        sys.path.append(folder)  # last, for the same reason
    with locate_errors(path):
        _check_not_hidden(path)
        spec.loader.exec_module(module)
    return module


def find_modules_beside(path: Path) -> list[Path]:
    """List the Python files beside a file that it imports, and those that they import, in a fixed order.

    Raises:
        UsageError: A file cannot be read.
        SyntaxError: A file is not valid Python.
    """
    found: dict[Path, None] = {}
    unread = [path]
    while unread:
        for _, _, file in _find_imports_beside(unread.pop()):
            package = sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]
            new = [each for each in package if each != path and each not in found]
            found.update(dict.fromkeys(new))
            unread += new
    return list(found)


def _find_imports_beside(path: Path) -> list[tuple[str, int, Path]]:
    """List the imports of a file that name a module or package beside it: name, line and file."""
    with wrap_file_errors(str(path), "cannot be read", "check the path"):
        source = path.read_bytes()
    found: list[tuple[str, int, Path]] = []
    for node in ast.walk(ast.parse(source, str(path.absolute()))):
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        else:
            continue
        for name in dict.fromkeys(each.partition(".")[0] for each in names):
            places = (path.with_name(f"{name}.py"), path.with_name(name) / "__init__.py")
            found += [(name, node.lineno, place) for place in places if place.is_file()][:1]
    return found


def _check_not_hidden(path: Path) -> None:
    """Check that imports of modules beside a file find these, not installed modules of the same name."""
    for name, line, beside in _find_imports_beside(path):
        spec = importlib.util.find_spec(name)
        origin = None if spec is None else spec.origin
        if origin is not None and os.path.realpath(origin) != os.path.realpath(beside):
            what = f"`import {name}` finds {origin}, not {beside.relative_to(path.parent)} beside the file"
            raise UsageError(what, path=str(path), line=line, hint="rename the module beside the file")


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
