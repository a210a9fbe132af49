"""The examples of docs/datasets.md run."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from headrace.datasets.user_builders import _builders

PAGE = Path(__file__).parents[2] / "docs" / "datasets.md"


@pytest.fixture(autouse=True)
def no_builders() -> Iterator[None]:
    """Forget the builders of the page."""
    yield
    _builders.clear()


def test_the_examples_run(capsys, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    own = [block for block in blocks if "~/" not in block]  # those name folders of the user
    assert len(own) >= len(blocks) - 1
    for block in own:
        exec(block, {})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "True"
    folds = [line for line in lines if re.fullmatch(r"\d+ 330\d", line)]
    assert folds == [*2 * ["13209 3303"], *3 * ["13210 3302"]]
    assert {"True {'neg': 320, 'pos': 320}", "8"} <= set(lines)


def test_the_table_has_every_data_set() -> None:
    path = PAGE.parents[1] / "tools" / "write_datasets_table.py"
    spec = importlib.util.spec_from_file_location("write_datasets_table", path)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    page = PAGE.read_text(encoding="utf-8")
    assert page == tool.insert_table(page), "run python tools/write_datasets_table.py"
