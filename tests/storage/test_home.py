"""A leading `~` is the home folder in every path; braces stand for several files."""

from pathlib import Path

import pytest

import headrace as hr
from headrace.errors import UsageError
from headrace.storage import expand_braces, local_path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_paths_start_at_the_home_folder_and_urls_are_kept(home: Path) -> None:
    assert local_path("~/a.csv") == home / "a.csv"
    assert local_path("s3://bucket/~/a.csv") is None
    assert expand_braces("~/a.csv") == [str(home / "a.csv")]


def test_a_transform_is_saved_and_loaded_at_home(home: Path) -> None:
    ds = hr.Dataset.from_arrays({"x": [1.0, 2.0, 3.0]})
    transform = hr.transform.analyze(
        lambda columns: {"x": hr.transform.scale_to_z_score(columns["x"])}, ds, cache_dir="~/cache"
    )
    transform.save("~/transform")
    assert sorted(path.name for path in home.iterdir()) == ["cache", "transform"]
    assert not (home.parent / "~").exists()
    assert list(ds.map(hr.transform.Transform.load("~/transform"))) == list(ds.map(transform))


def test_braces_stand_for_ranges_and_words(tmp_path: Path) -> None:
    assert expand_braces("{a,b}-{8..10}.tar") == [f"{word}-{n}.tar" for word in "ab" for n in (8, 9, 10)]
    assert expand_braces("x-{08..10}") == ["x-08", "x-09", "x-10"]
    assert expand_braces("plain{1}") == ["plain{1}"]
    (tmp_path / "x{1..2}.csv").touch()
    assert expand_braces(tmp_path / "x{1..2}.csv") == [str(tmp_path / "x{1..2}.csv")]
    with pytest.raises(UsageError, match=r"expected 1 to 1,000,000 numbers in \{9\.\.1\}, got 0"):
        expand_braces("x{9..1}")
    with pytest.raises(UsageError, match="the braces stand for more than 1,000,000 paths"):
        expand_braces("x{1..9999}{1..9999}")
