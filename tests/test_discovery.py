import sys
from pathlib import Path

import pytest

from headrace.discovery import find_instances, find_subclasses, import_modules


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package of two modules that share one instance."""
    folder = tmp_path / "discovered"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "b.py").write_text("NUMBER = complex(1, 2)\nTEXT = 'b'\n")
    (folder / "a.py").write_text("from discovered.b import NUMBER\nOTHER = complex(3, 4)\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "discovered"
    for name in [name for name in sys.modules if name.partition(".")[0] == "discovered"]:
        del sys.modules[name]


def test_modules_are_imported_in_the_order_of_their_names(package: str) -> None:
    assert [module.__name__ for module in import_modules(package)] == ["discovered.a", "discovered.b"]


def test_skipped_modules_are_not_imported(package: str) -> None:
    assert [module.__name__ for module in import_modules(package, skip=["a"])] == ["discovered.b"]
    assert "discovered.a" not in sys.modules


def test_an_instance_that_two_modules_hold_is_found_once(package: str) -> None:
    assert find_instances(package, complex) == [complex(1, 2), complex(3, 4)]


def test_a_folder_appended_to_the_path_is_searched(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "c.py").write_text("ADDED = complex(5, 6)\n")
    found = import_modules(package)[0]
    monkeypatch.setattr(sys.modules[package], "__path__", [str(Path(found.__file__ or "").parent)])
    sys.modules[package].__path__.append(str(tmp_path / "more"))
    assert complex(5, 6) in find_instances(package, complex)


def test_subclasses_are_found_without_the_abstract_ones(package: str, tmp_path: Path) -> None:
    (tmp_path / "discovered" / "c.py").write_text(
        "from abc import ABC, abstractmethod\n"
        "class Base(ABC):\n    @abstractmethod\n    def name(self): ...\n"
        "class Child(Base):\n    def name(self): ...\n"
        "class _Private(Child): ...\n"
    )
    assert [each.__name__ for each in find_subclasses(package, object)] == ["Child"]
