import os
import re
from pathlib import Path

import fsspec
import pytest

from headrace.errors import UsageError
from headrace.storage import expand_paths


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.csv", "a.csv", "[x].csv", "a.csv.idx", "t-00000-of-00002.csv", "t-00001-of-00002.csv"):
        (tmp_path / name).touch()
    (tmp_path / "below" / "deep").mkdir(parents=True)
    (tmp_path / "below" / "deep" / "c.csv").touch()
    (tmp_path / "d.csv").mkdir()
    return tmp_path


def names(paths: list[str]) -> list[str]:
    return [Path(path).name for path in paths]


def test_a_pattern_is_sorted_and_skips_folders_and_ignored_suffixes(folder: Path) -> None:
    assert names(expand_paths(folder / "?.csv*", ignored=(".idx",))) == ["a.csv", "b.csv"]


def test_two_stars_search_all_folders_below(folder: Path) -> None:
    assert names(expand_paths(folder / "**" / "c.csv")) == ["c.csv"]


def test_a_list_keeps_its_order(folder: Path) -> None:
    assert names(expand_paths([folder / "b.csv", str(folder / "a.csv")])) == ["b.csv", "a.csv"]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(folder: Path) -> None:
    assert names(expand_paths(folder / "[x].csv")) == ["[x].csv"]


def test_a_base_name_is_expanded_to_its_shards(folder: Path) -> None:
    assert names(expand_paths(folder / "t", shards=re.compile(r"\.csv"))) == [
        "t-00000-of-00002.csv",
        "t-00001-of-00002.csv",
    ]
    with pytest.raises(UsageError, match="no such file"):
        expand_paths(folder / "t")


def test_a_missing_file_gets_suggestions(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"aa.csv: no such file; did you mean 'a.csv'"):
        expand_paths(folder / "aa.csv")


def test_no_match_an_empty_list_and_a_folder_are_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match="no file matches"):
        expand_paths(folder / "*.tsv")
    with pytest.raises(UsageError, match="got an empty list"):
        expand_paths([])
    with pytest.raises(
        UsageError, match=r"expected a file, got a folder; pass a file or a pattern such as .*below/\*"
    ):
        expand_paths(folder / "below")


def test_a_pipe_is_no_file(folder: Path) -> None:
    os.mkfifo(folder / "pipe.csv")
    with pytest.raises(UsageError, match=r"pipe.csv: expected a file, got a pipe or a device; save"):
        expand_paths(folder / "pipe.csv")


def test_urls_are_expanded() -> None:
    memory = fsspec.filesystem("memory")
    for name in ("a", "b"):
        memory.pipe(f"/paths/{name}.csv", b"x\n")
    assert expand_paths("memory://paths/*.csv") == ["memory:///paths/a.csv", "memory:///paths/b.csv"]
    with pytest.raises(UsageError, match="no such file; check the URL"):
        expand_paths("memory://paths/c.csv")
    memory.rm("/paths", recursive=True)


@pytest.mark.parametrize("target", ["nowhere.csv", "link.csv"])
def test_a_link_that_leads_nowhere_is_named_as_one(target: str, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(target)
    with pytest.raises(UsageError, match=r"link\.csv: a symbolic link to a file that does not exist"):
        expand_paths(tmp_path / "link.csv")
