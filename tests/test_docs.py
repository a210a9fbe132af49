"""The pages in docs/ name files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "headrace"
PAGES = ["README.md", *(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]
PAGES += [str(path.relative_to(ROOT)) for path in SOURCE.rglob("README.md")]


@pytest.mark.parametrize("page", PAGES)
def test_linked_files_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[\w-]+)?\)", text)
    missing = [link for link in links if not ((ROOT / page).parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", ["docs/architecture.md", "docs/formats.md"])
def test_named_sources_exist(page: str) -> None:
    """A path in backquotes that ends in .py or .cpp, or in / below a package, is a file or folder."""
    text = (ROOT / page).read_text(encoding="utf-8")
    names = re.findall(r"`((?:[\w.]+/)+(?:[\w]+\.(?:py|cpp))?)`", text)
    roots = [SOURCE, ROOT, SOURCE / "transform", SOURCE / "_native"]
    missing = [
        name for name in names if "FAMILY" not in name and not any((root / name).exists() for root in roots)
    ]
    assert names
    assert missing == []
