"""Code of the user: a recipe imports the modules beside it, as a script does."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from headrace.errors import UsageError
from headrace.recipes.find import digest_recipe
from headrace.recipes.user_code import find_function, import_file


@pytest.fixture(autouse=True)
def _restore_modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = set(sys.modules)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_recipe_imports_the_module_beside_it(tmp_path: Path) -> None:
    (tmp_path / "beside_19.py").write_text("WIDTH = 3\n")
    (tmp_path / "package_19").mkdir()
    (tmp_path / "package_19" / "__init__.py").write_text("from package_19.deep import DEPTH\n")
    (tmp_path / "package_19" / "deep.py").write_text("DEPTH = 4\n")
    recipe = tmp_path / "recipe.py"
    recipe.write_text(
        "import beside_19\n\n\ndef preprocess(x):\n    from package_19 import DEPTH\n\n"
        "    return beside_19.WIDTH, DEPTH\n"
    )
    assert find_function(f"{recipe}:preprocess")[1]({}) == (3, 4)


@pytest.mark.parametrize("changed", ["recipe.py", "beside_19.py", "further_19.py"])
def test_a_change_of_a_module_beside_it_is_a_change_of_the_recipe(tmp_path: Path, changed: str) -> None:
    for name, text in {
        "recipe.py": "import beside_19\n",
        "beside_19.py": "import json, further_19\n",
        "further_19.py": "import recipe\n",
        "unused.py": "",
    }.items():
        (tmp_path / name).write_text(text)
    before = digest_recipe(str(tmp_path / "recipe.py"))
    (tmp_path / "unused.py").write_text("x = 1\n")
    assert digest_recipe(str(tmp_path / "recipe.py")) == before
    (tmp_path / changed).write_text((tmp_path / changed).read_text() + "x = 1\n")
    assert digest_recipe(str(tmp_path / "recipe.py")) != before


def test_an_installed_module_that_hides_the_one_beside_it_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("")
    (tmp_path / "recipe.py").write_text("import os\nimport numpy as np\n")
    with pytest.raises(UsageError, match=r"recipe.py, line 2: `import numpy` finds .*, not numpy.py beside"):
        import_file(tmp_path / "recipe.py")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x = 1\n\0", "null bytes"),
        (b"x = '\xff'\n", "SyntaxError"),
        (b"import absent_19\n", "line 1: ModuleNotFoundError: No module named 'absent_19'; fix the file"),
        (b"\xff\xfex\0", "SyntaxError"),
    ],
)
def test_a_file_that_is_not_python_is_one_line(tmp_path: Path, data: bytes, message: str) -> None:
    file = tmp_path / "recipe.py"
    file.write_bytes(data)
    with pytest.raises(UsageError, match=message) as caught:
        import_file(file)
    assert str(caught.value).startswith(str(file))
