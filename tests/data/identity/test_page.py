"""The section on identity of docs/data.md: its code runs, and does what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[3] / "docs" / "data.md"


def test_the_code_runs() -> None:
    section = PAGE.read_text(encoding="utf-8").split("\n## Identity")[1]
    names: dict[str, Any] = {}
    exec(compile(section.split("```python\n")[1].split("```")[0], "docs/data.md", "exec"), names)
    assert names["before"].digest != names["after"].digest
    assert names["before"].unknown == names["after"].unknown == ()
    assert names["random"] == ("numpy.random.rand",)
