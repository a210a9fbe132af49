"""Every public name of hr.transform is listed and documented, and docs/transform.md is current."""

from __future__ import annotations

import importlib.util
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from headrace import transform
from headrace.transform import analyzers, mappers, ops
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.op import Op

ROOT = Path(__file__).parents[2]
STATISTICS = [name for name in analyzers.__all__ if hasattr(transform, name)]
FUNCTIONS = [*STATISTICS, *mappers.__all__, *ops.__all__]


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "reference", ROOT / "tools" / "write_transform_reference.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_all_lists_every_public_name() -> None:
    others = {"Column", "Plan", "Transform", "analyze", "plan"}
    assert set(transform.__all__) == others | set(FUNCTIONS)
    assert len(transform.__all__) == len(set(transform.__all__))
    assert sorted(FUNCTIONS) == sorted(set(FUNCTIONS)), "a name is of one family"
    public = {
        name for name, value in vars(transform).items() if name[0] != "_" and not inspect.ismodule(value)
    }
    assert public - {"annotations"} == set(transform.__all__) - {
        name for name in transform.__all__ if inspect.ismodule(getattr(transform, name))
    }


def test_the_page_lists_every_name_and_is_current() -> None:
    reference = tool()
    page = (ROOT / "docs" / "transform.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)", page, re.MULTILINE)
    assert sorted(listed) == sorted(transform.__all__)
    assert page == reference.page(), "run python tools/write_transform_reference.py"
    assert set(reference.PEERS) <= set(transform.__all__)


def docs_of(name: str, seen: frozenset[str] = frozenset()) -> str:
    """A docstring and those it refers to by name."""
    text = inspect.getdoc(getattr(transform, name)) or ""
    named = set(re.findall(r"`(\w+)`", text)) & set(FUNCTIONS) - seen - {name}
    return "\n".join([text, *(docs_of(each, seen | named | {name}) for each in sorted(named))])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_documents_its_result_and_parameters(name: str) -> None:
    function = getattr(transform, name)
    first = (inspect.getdoc(function) or "").splitlines()[0]
    assert re.search(r"[.\])]$|`\.?$", first), "the first line is a sentence, and whole"
    assert len(first.split()) >= 5
    _, *parameters = inspect.signature(function).parameters
    text = docs_of(name)
    assert [each for each in parameters if not re.search(rf"\b{each}\b", text)] == []


@pytest.mark.parametrize(
    "kind", [*Op.registry.values(), *Analyzer.registry.values()], ids=lambda kind: kind.name
)
def test_every_op_and_analyzer_has_a_docstring(kind: Any) -> None:
    text = vars(kind).get("__doc__")
    assert text
    assert not text.startswith(f"{kind.__name__}("), "not the docstring that dataclasses make"
    assert len(text.split()) >= 3
