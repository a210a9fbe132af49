"""A Python file of a user's, executed because the user named it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from headrace.errors import UsageError
from headrace.recipes.blame import blame

__all__ = ["execute", "find_function"]


def execute(path: Path) -> ModuleType:
    """The module that a file is.

    Raises:
        UsageError: The file's code fails.
    """
    name = f"headrace_recipe_{path.stem}"  # of its own, lest a file called json.py hide the library's json
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with blame(path):
        spec.loader.exec_module(module)
    return module


def find_function(name: str) -> tuple[Path, Callable[..., Any]]:
    """The file and the function of `FILE.py:FUNCTION`; without a function's name, of `preprocess`.

    Raises:
        UsageError: There is no such file or function, or the file's code fails.
    """
    file, _, function = name.partition(".py:")
    path = Path(file + ".py" if function else file)
    if path.suffix != ".py" or not path.is_file():
        raise UsageError("there is no such Python file", path=str(path), hint="give FILE.py:FUNCTION")
    found = getattr(execute(path), function or "preprocess", None)
    if not callable(found):
        raise UsageError(
            f"the file defines no function '{function or 'preprocess'}'",
            path=str(path),
            hint="give FILE.py:FUNCTION",
        )
    return path, found
