"""Recipes are found by name or by file; other files are refused with one line."""

import sys
from pathlib import Path

import pytest

import headrace as hr
from headrace.errors import SchemaError, UsageError
from headrace.recipes.find import BUILT_IN, find_recipe, read_recipe


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_recipe_and_its_printed_source(tmp_path: Path, name: str) -> None:
    file = tmp_path / f"my_{name}.py"
    file.write_text(read_recipe(name), encoding="utf-8")
    mine, built_in = find_recipe(str(file)), find_recipe(name)
    for recipe in (mine, built_in):
        assert isinstance(recipe, hr.Recipe)
    assert (mine.label, mine.models, mine.training) == (built_in.label, built_in.models, built_in.training)


def test_every_recipe_file_is_listed() -> None:
    folder = Path(sys.modules["headrace.recipes.find"].__file__ or "").parent
    files = {each.stem for each in folder.glob("*.py") if "\nrecipe = " in each.read_text(encoding="utf-8")}
    assert files == set(BUILT_IN)


@pytest.mark.parametrize("name", ["housin", "absent.py", "people.csv", "", "."])
def test_an_unknown_name(pipeline: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(pipeline.parent)
    with pytest.raises(UsageError, match=r"unknown recipe.*housing.*Python file"):
        find_recipe(name)
    with pytest.raises(UsageError, match="unknown built-in recipe"):
        read_recipe(name)


@pytest.mark.parametrize("text", ["", "recipe = 3\n", "import headrace as hr\nRecipe = hr.Recipe\n"])
def test_a_file_without_a_recipe(tmp_path: Path, text: str) -> None:
    file = tmp_path / "empty.py"
    file.write_text(text)
    with pytest.raises(UsageError, match="--print housing") as caught:
        find_recipe(str(file))
    assert caught.value.path == str(file)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("x = 1\ny = x / 0\n", 2, "ZeroDivisionError"),
        ("def f():\n    return z\n\nf()\n", 2, "NameError"),
        ("import json\n\njson.loads('{')\n", 3, "JSONDecodeError"),
        ("import no_such_library\n", 1, "no_such_library"),
        ("x = 1\nif x\n", 2, "SyntaxError"),
        ("import headrace as hr\nhr.Recipe(labl='x')\n", 2, "missing 5 required"),
    ],
)
@pytest.mark.parametrize("relative", [False, True])
def test_a_file_that_raises_names_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, line: int, message: str, relative: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path("broken.py") if relative else tmp_path / "broken.py"
    file.write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        find_recipe(str(file))
    assert (caught.value.path, caught.value.line) == (str(file), line)
    assert "\n" not in str(caught.value)


def test_errors_of_headrace_are_not_changed(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text("import headrace as hr\nraise hr.SchemaError('odd', feature='age')\n")
    with pytest.raises(SchemaError):
        find_recipe(str(file))


def test_a_file_named_like_a_library_does_not_hide_the_library(pipeline: Path) -> None:
    import json

    assert isinstance(find_recipe(str(pipeline.rename(pipeline.with_name("json.py")))), hr.Recipe)
    assert sys.modules["json"] is json
