"""An optional package that is missing is named in one line, with the extra that installs it."""

import sys
from pathlib import Path

import pytest

from headrace.errors import DependencyError
from headrace.extras import require


def test_an_installed_package_passes() -> None:
    require("json", "numpy", extra="train", purpose="this test")


def test_a_missing_package_names_its_extra() -> None:
    with pytest.raises(DependencyError) as caught:
        require("json", "no_such_package", extra="train", purpose="headrace.training")
    message = "headrace.training needs no_such_package, which is not installed"
    assert str(caught.value) == f"{message}; run `pip install 'headrace[train]'`."
    assert isinstance(caught.value, ImportError)


def test_a_check_does_not_import_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow_package.py").write_text("raise AssertionError\n")
    monkeypatch.syspath_prepend(tmp_path)
    require("slow_package", extra="train", purpose="this test")
    monkeypatch.setitem(sys.modules, "slow_package", None)
    with pytest.raises(DependencyError):
        require("slow_package", extra="train", purpose="this test")
