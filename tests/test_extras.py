"""An optional package that is missing is named in one line, with the extra that installs it."""

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


def test_a_broken_package_raises_its_own_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_package.py").write_text("import a_module_that_is_not_there\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_not_there"):
        require("broken_package", extra="train", purpose="this test")
