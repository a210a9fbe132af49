"""Write the page and the notebook of each script in `docs/exercises`, which is their source."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.exercises.cells import Cell, read_cells  # noqa: E402

FOLDER = ROOT / "docs" / "exercises"


def make_page(cells: list[Cell]) -> str:
    """Return a script as Markdown."""
    parts = [each.source if each.is_text else f"```python\n{each.source}\n```" for each in cells]
    return "\n\n".join(parts) + "\n"


def make_notebook(cells: list[Cell]) -> str:
    """Return a script as a Jupyter notebook, in nbformat 4.5."""
    notebook = {
        "cells": [_make_cell(number, each) for number, each in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1) + "\n"


def _make_cell(number: int, cell: Cell) -> dict[str, Any]:
    head: dict[str, Any] = {"id": f"cell-{number}", "metadata": {}}
    source = cell.source.splitlines(keepends=True)
    if cell.is_text:
        return {"cell_type": "markdown", **head, "source": source}
    return {"cell_type": "code", **head, "execution_count": None, "outputs": [], "source": source}


def list_files() -> dict[Path, str]:
    """Return path to content of every generated file."""
    files = dict[Path, str]()
    for script in sorted(FOLDER.glob("*.py")):
        cells = read_cells(script)
        files[script.with_suffix(".md")] = make_page(cells)
        files[script.with_suffix(".ipynb")] = make_notebook(cells)
    return files


if __name__ == "__main__":
    for path, text in list_files().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
