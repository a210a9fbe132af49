"""Folders that have a name of the user's own."""

import json
import shutil
from pathlib import Path

import pytest

from headrace import datasets
from headrace.errors import UsageError

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    monkeypatch.setenv("HEADRACE_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def prepared(tmp_path):
    found = next(path.parent for path in sorted(GOLDEN.rglob("dataset_info.json")))
    return shutil.copytree(found, tmp_path / "prepared")


def test_a_folder_with_a_name_is_loaded_by_it(prepared, table):
    card = datasets.add("mine", prepared)
    assert "mine" in datasets.list()
    assert datasets.info("mine") == card
    split = next(iter(card.full_rows))
    assert table(datasets.load("mine", split)).equals(table(datasets.load(prepared, split)))


def test_a_name_can_move_to_another_folder(prepared, tmp_path, data_folder):
    datasets.add("mine", prepared)
    datasets.add("yours", prepared)
    datasets.add("mine", shutil.copytree(prepared, tmp_path / "other"))
    stored = json.loads((data_folder / "folders.json").read_text())
    assert stored["folders"] == {"mine": str(tmp_path / "other"), "yours": str(prepared)}
    assert [path.name for path in data_folder.iterdir()] == ["folders.json"]


def test_names_and_folders_that_cannot_be_loaded_are_refused(prepared, tmp_path, data_folder):
    with pytest.raises(UsageError, match="the catalogue has a data set 'housing'"):
        datasets.add("housing", prepared)
    with pytest.raises(UsageError, match="not the name of a data set"):
        datasets.add("../up", prepared)
    with pytest.raises(UsageError, match="expected a folder"):
        datasets.add("mine", tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="empty"):
        datasets.add("mine", tmp_path / "empty")
    assert not data_folder.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "expected {"),
        ('{"format": 2, "folders": {}}', "expected {"),
        ('{"format": 1, "folders": {"../a": "/b"}}', "expected the absolute path"),
        ('{"format": 1, "folders": {"a": "b"}}', "expected the absolute path"),
        ('{"format": 1, "folders": {"a": 1}}', "expected the absolute path"),
    ],
)
def test_a_damaged_list_of_folders_is_one_error(data_folder, text, message):
    data_folder.mkdir()
    (data_folder / "folders.json").write_text(text)
    with pytest.raises(UsageError, match=rf"folders\.json: {message}.*; delete this file"):
        datasets.list()
