"""Hold docs/reference.md to the faces of the packages."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("write_reference", ROOT / "tools" / "write_reference.py")
assert SPEC is not None
assert SPEC.loader is not None
tool = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)


def test_the_page_lists_every_public_name() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert page == tool.page(), "run python tools/write_reference.py"


def test_every_public_name_is_documented() -> None:
    """A row without a docstring ends in an empty cell."""
    empty = [line for line in tool.page().splitlines() if line.startswith("| `") and line.endswith("|  |")]
    assert empty == []
