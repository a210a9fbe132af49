"""Hold the tree to its rules: layers, no cycles, imports through faces, small folders, short modules."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

import headrace

ROOT = Path(__file__).parents[1]
SOURCE = Path(headrace.__file__).parent
MOST_MODULES, MOST_LINES = 14, 300
COLLECTIONS = {
    "models",
    "analyzers",
    "layers",
}  # one file per model, analyzer, layer


class Import(NamedTuple):
    """One imported name, and where."""

    importer: str
    line: int
    module: str  # the module that the statement names
    name: str | None


def module_name(path: Path) -> str:
    parts = ("headrace", *path.relative_to(SOURCE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}


def packages() -> list[str]:
    return [name for name, path in modules().items() if path.name == "__init__.py"]


@cache
def imports() -> tuple[Import, ...]:
    """Every import of Headrace's modules by one another, those for type checkers and inside functions too."""
    return tuple(each for name, path in modules().items() for each in _imports_of(name, path))


def _imports_of(importer: str, path: Path) -> Iterator[Import]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "headrace":
                    yield Import(importer, node.lineno, alias.name, None)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "headrace":
            assert node.module is not None
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                if submodule in modules() and not _is_attribute(node.module, alias.name):
                    yield Import(importer, node.lineno, submodule, None)
                else:
                    yield Import(importer, node.lineno, node.module, alias.name)


def _is_attribute(module: str, name: str) -> bool:
    """Whether `name` is a function or class on a package's face that shares its name with a module."""
    return not isinstance(getattr(import_module(module), name, None), ModuleType | None)


def room(module: str) -> str:
    """The top-level room of a module: `headrace.records` for `headrace.records.schema.example`."""
    return ".".join(module.split(".")[:2])


def test_imports_go_downwards_only() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(SOURCE.parent)!r}); {code}"],
        cwd=ROOT, capture_output=True, text=True, timeout=1200,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_no_import_cycles() -> None:
    """The root package names every room, for type checkers only, and is left out."""
    graph: dict[str, set[str]] = {}
    for each in imports():
        if each.importer != "headrace" and each.module not in ("headrace", each.importer):
            graph.setdefault(each.importer, set()).add(each.module)
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"import cycle: {' -> '.join(error.args[1])}")
    assert len(order) > 100


def test_rooms_are_imported_through_their_faces() -> None:
    """A room imports another room's packages, and of these the names in `__all__`."""
    wrong = []
    for each in imports():
        if room(each.importer) == room(each.module) or "headrace" in (each.importer, each.module):
            continue
        if not _is_on_a_face(each):
            wrong.append(f"{each.importer}, line {each.line}: {each.module}: {each.name}")
    assert not wrong, "\n".join(wrong)


def _is_on_a_face(each: Import) -> bool:
    parent, _, name = each.module.rpartition(".")
    if parent != "headrace" and name in getattr(import_module(parent), "__all__", []):
        return True  # a module that is itself a name on the face, as headrace.vision.visualize
    is_face = modules()[each.module].name == "__init__.py" or each.module == room(each.module)
    return is_face and (each.name is None or each.name in getattr(import_module(each.module), "__all__", []))


def test_private_names_stay_in_their_module() -> None:
    wrong = [
        f"{each.importer}, line {each.line}: {each.module}.{each.name}"
        for each in imports()
        if each.name is not None and each.name.startswith("_") and each.module != "headrace._native._kernels"
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", packages())
def test_a_face_is_its_namespace(name: str) -> None:
    """`__all__` lists every public name of the package, sorted, and no other."""
    package = import_module(name)
    face: list[str] = getattr(package, "__all__", [])
    names = set(face) if hasattr(package, "__getattr__") else set()  # those that load on first use
    for each, value in vars(package).items():
        if not each.startswith("_") and (each in face or not isinstance(value, ModuleType)):
            names.add(each)
    assert face == sorted(names - {"TYPE_CHECKING", "annotations"}, key=_sort_key)
    assert all(hasattr(package, each) for each in face)


def _sort_key(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, as ruff sorts `__all__`."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def folders() -> dict[str, int]:
    """Each source folder, and how many modules lie flat in it: .py but `__init__.py`, and .cpp."""
    files = [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.cpp")]
    counts = Counter(
        str(path.parent.relative_to(SOURCE.parent)) for path in files if path.name != "__init__.py"
    )
    return dict(counts)


def lines() -> dict[str, int]:
    """Each module, and its lines."""
    return {
        str(path.relative_to(SOURCE.parent)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (*SOURCE.rglob("*.py"), *SOURCE.rglob("*.cpp"))
    }


def test_folders_are_small_and_modules_short(capsys: pytest.CaptureFixture[str]) -> None:
    counts, lengths = folders(), lines()
    fullest = sorted(counts, key=counts.__getitem__)[-5:]
    longest = sorted(lengths, key=lengths.__getitem__)[-5:]
    with capsys.disabled():
        print(f"\n{len(lengths)} modules in {len(counts)} folders, {len(imports())} imports, no cycle")
        print("fullest:", ", ".join(f"{name} {counts[name]}" for name in reversed(fullest)))
        print("longest:", ", ".join(f"{name} {lengths[name]}" for name in reversed(longest)))
    full = {name: n for name, n in counts.items() if n > MOST_MODULES and Path(name).name not in COLLECTIONS}
    assert not full, f"more than {MOST_MODULES} modules lie flat in a folder"
    assert not {name: n for name, n in lengths.items() if n > MOST_LINES}, f"above {MOST_LINES} lines"


def test_types_are_shipped() -> None:
    assert (SOURCE / "py.typed").exists()
