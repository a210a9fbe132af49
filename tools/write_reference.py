"""Write docs/reference.md: every public name of every package, with the first line of its docstring.

    python tools/write_reference.py

`docs/transform.md` has the functions for preprocessing, with their signatures.
"""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module
from pathlib import Path
from types import ModuleType

import headrace

__all__ = ["packages", "page"]

PAGE = Path(__file__).parents[1] / "docs" / "reference.md"
ABOUT = """\
# Reference

Every public name, package by package, from the docstrings; `help(NAME)` has the rest. The `__all__` of a
package is its face: other packages import from it, and from nothing below it. The first part is for users;
the second is what the packages share with one another, and may change with any version.

`python tools/write_reference.py` wrote this page.
"""
FOR_USERS = (
    "headrace",
    "headrace.records",
    "headrace.data",
    "headrace.data.sinks",
    "headrace.datasets",
    "headrace.transform",
    "headrace.transform.engines",
    "headrace.transform.engines.beam",
    "headrace.transform.engines.spark",
    "headrace.layers",
    "headrace.images",
    "headrace.nn",
    "headrace.vision",
    "headrace.vision.layers",
    "headrace.vision.models",
    "headrace.vision.augment",
    "headrace.vision.visualize",
    "headrace.training",
    "headrace.report",
    "headrace.deploy",
    "headrace.serving",
    "headrace.recipes",
)
ELSEWHERE = {
    "headrace.transform": "[Analysis, statistics and row-wise functions](transform.md).\n",
    "headrace._native": "The kernels; the stubs in `src/headrace/_native/_kernels/` document them.\n",
    "headrace.transform.ops": None,  # all of it is in headrace.transform
    "headrace.transform.analyzers": None,
    "headrace.transform.mappers": None,
}


def packages() -> list[str]:
    """Return the name of every package that has a face, and of the modules for users."""
    found = {"headrace", *FOR_USERS}
    for module in pkgutil.walk_packages(headrace.__path__, "headrace."):
        if module.ispkg and getattr(import_module(module.name), "__all__", None):
            found.add(module.name)
    return sorted(found)


def page() -> str:
    """Return the text of the page."""
    names = packages()
    shared = [name for name in names if name not in FOR_USERS]
    parts = [ABOUT, "\n## For users\n", *map(_section, FOR_USERS)]
    return "".join([*parts, "\n## Between packages\n", *map(_section, shared)])


def _section(name: str) -> str:
    if name in ELSEWHERE:
        text = ELSEWHERE[name]
        return "" if text is None else f"\n### `{name}`\n\n{text}"
    package = import_module(name)
    rows = [_row(package, each) for each in getattr(package, "__all__", [])]
    lines = [f"\n### `{name}`\n", _first_line(package), "", "| | |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _row(package: ModuleType, name: str) -> str:
    value = getattr(package, name)
    documented = inspect.isclass(value) or inspect.isroutine(value) or inspect.ismodule(value)
    text = _first_line(value) if documented else _type_name(value)
    return f"| `{name}` | {text} |"


def _first_line(value: object) -> str:
    text = (inspect.getdoc(value) or "").split("\n\n")[0]
    return " ".join(text.split()).replace("|", r"\|")


def _type_name(value: object) -> str:
    """Describe a constant or a type alias."""
    kind = type(value).__name__
    return "A type alias." if "Union" in kind or "Alias" in kind else f"A constant, `{kind}`."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
