"""A set of files is replaced as a whole, even if its writer is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from headrace.errors import RecordError, UsageError
from headrace.storage import FileSet, Manifest, check_file_set, complete_commit, file_sets, read_consistently

OLD = {"a.txt": "old a", "b.txt": "old b", "c.txt": "old c"}
NEW = {"a.txt": "new a", "b.txt": "new b", "d.txt": "new d"}


def write_set(folder: Path, files: dict[str, str]) -> None:
    with FileSet(folder / "manifest.json", owns=lambda _: True, replaces=lambda _: True) as target:
        for name, text in files.items():
            target.write(folder / name, text.encode())


def content(folder: Path) -> dict[str, str]:
    """All files but the manifest; working files included."""
    return {path.name: path.read_text() for path in folder.iterdir() if path.name != "manifest.json"}


def test_a_set_has_a_manifest(tmp_path: Path) -> None:
    write_set(tmp_path, OLD)
    assert content(tmp_path) == OLD
    assert json.loads((tmp_path / "manifest.json").read_text()) == {
        "format": 1,
        "files": {
            "a.txt": {"bytes": 5, "crc32c": "a1a699d4"},
            "b.txt": {"bytes": 5, "crc32c": "b2f66a20"},
            "c.txt": {"bytes": 5, "crc32c": "409de923"},
        },
    }
    manifest = check_file_set(str(tmp_path / "manifest.json"))
    assert manifest is not None
    for name in OLD:
        manifest.check_checksum(f"{tmp_path}/", name)


def test_a_new_set_replaces_the_old_one(tmp_path: Path) -> None:
    write_set(tmp_path, OLD)
    (tmp_path / "mine.txt").write_text("mine")
    write_set(tmp_path, NEW)
    assert content(tmp_path) == {**NEW, "mine.txt": "mine"}


def test_an_exception_leaves_the_old_set(tmp_path: Path) -> None:
    write_set(tmp_path, OLD)

    def fails() -> None:
        with FileSet(tmp_path / "manifest.json") as target:
            target.write(tmp_path / "a.txt", b"new")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert content(tmp_path) == OLD


def test_a_failed_rename_puts_the_old_files_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_set(tmp_path, OLD)
    rename = os.rename

    def fail_on_d(path: str, target: str) -> None:
        if Path(target).name == "d.txt":
            raise OSError(5, "Input/output error")
        rename(path, target)

    monkeypatch.setattr(os, "rename", fail_on_d)
    with pytest.raises(UsageError, match="the set cannot be written: Input/output error"):
        write_set(tmp_path, NEW)
    assert content(tmp_path) == OLD
    check_file_set(str(tmp_path / "manifest.json"))


def run_until_killed(folder: Path, files: dict[str, str], point: int) -> bool:
    """Write a set in a process that is killed before its `point`th rename or deletion; False if it ends."""
    code = f"""
import os, signal
from pathlib import Path
left = {point}
def killing(function):
    def call(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)
    return call
os.rename, os.replace, os.unlink = killing(os.rename), killing(os.replace), killing(os.unlink)
from headrace.storage import FileSet
folder = Path({str(folder)!r})
with FileSet(folder / "manifest.json", owns=lambda _: True, replaces=lambda _: True) as target:
    for name, text in {files!r}.items():
        target.write(folder / name, text.encode())
"""
    code = subprocess.run([sys.executable, "-c", code], check=False).returncode
    assert code in (0, -signal.SIGKILL)
    return code != 0


def test_a_killed_commit_is_completed_or_never_began(tmp_path: Path) -> None:
    point, seen = 0, set[str]()
    while True:
        folder = tmp_path / str(point)
        folder.mkdir()
        write_set(folder, OLD)
        was_killed = run_until_killed(folder, NEW, point)
        complete_commit(str(folder / "manifest.json"))
        check_file_set(str(folder / "manifest.json"))
        found = {name: text for name, text in content(folder).items() if not name.startswith(".")}
        assert found in (OLD, NEW)
        seen.add("new" if found == NEW else "old")
        write_set(folder, NEW)
        assert content(folder) == NEW
        if not was_killed:
            break
        point += 1
    assert point > 8
    assert seen == {"old", "new"}


def test_the_next_writer_completes_a_killed_commit_first(tmp_path: Path) -> None:
    write_set(tmp_path, OLD)
    assert run_until_killed(tmp_path, NEW, 3)
    with pytest.raises(KeyError), FileSet(tmp_path / "manifest.json"):
        raise KeyError
    assert content(tmp_path) == NEW


def test_several_sets_are_committed_together(tmp_path: Path) -> None:
    places = [tmp_path / "train", tmp_path / "test"]
    for place in places:
        place.mkdir()
    with file_sets(FileSet(place / "manifest.json") for place in places) as sets:
        for place, each in zip(places, sets, strict=True):
            each.write(place / "a.txt", b"a")
    assert [content(place) for place in places] == [{"a.txt": "a"}] * 2

    def fails() -> None:
        with file_sets(FileSet(place / "manifest.json") for place in places) as sets:
            for place, each in zip(places, sets, strict=True):
                each.write(place / "a.txt", b"b")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert [content(place) for place in places] == [{"a.txt": "a"}] * 2


def test_a_missing_or_changed_file_is_named(tmp_path: Path) -> None:
    write_set(tmp_path, OLD)
    manifest = str(tmp_path / "manifest.json")
    (tmp_path / "a.txt").write_text("longer than before")
    with pytest.raises(RecordError, match=r"a.txt: is 18 bytes long, the set's manifest says 5"):
        check_file_set(manifest)
    (tmp_path / "a.txt").write_text("OLD a")
    found = check_file_set(manifest)
    assert found is not None
    with pytest.raises(RecordError, match=r"a.txt: checksum .* does not match the manifest"):
        found.check_checksum(f"{tmp_path}/", "a.txt")
    (tmp_path / "a.txt").unlink()
    with pytest.raises(UsageError, match=r"a.txt: is missing, but the set's manifest names it"):
        check_file_set(manifest)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 2, "files": {}}', '{"format": 1, "files": {"a": 1}}']
)
def test_a_damaged_manifest_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(UsageError, match=r"manifest.json: not a manifest"):
        Manifest.read(str(tmp_path / "manifest.json"))
    write_set(tmp_path, NEW)
    assert content(tmp_path) == NEW


@pytest.mark.parametrize("text", ["", "{}", '{"format": 1, "pending": ["../x"], "moves": []}'])
def test_a_damaged_pending_file_is_named_and_replaced(tmp_path: Path, text: str) -> None:
    write_set(tmp_path, OLD)
    (tmp_path / ".manifest.json.pending").write_text(text)
    with pytest.raises(UsageError, match="not a pending commit"):
        complete_commit(str(tmp_path / "manifest.json"))
    write_set(tmp_path, NEW)
    assert content(tmp_path) == NEW


def test_a_pending_file_moves_nothing_but_its_own_files(tmp_path: Path) -> None:
    (tmp_path / "victim.txt").write_text("mine")
    moves = [{"target": "a.txt", "temporary": "victim.txt", "aside": ".a.txt.0a1b2c3d.tmp"}]
    stored = {"format": 1, "pending": [".manifest.json.pending"], "moves": moves}
    (tmp_path / ".manifest.json.pending").write_text(json.dumps(stored))
    with pytest.raises(UsageError, match="not a pending commit"):
        complete_commit(str(tmp_path / "manifest.json"))
    assert (tmp_path / "victim.txt").read_text() == "mine"


def test_links_and_modes_are_kept(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "set").mkdir()
    (tmp_path / "far" / "a.txt").write_text("old")
    (tmp_path / "far" / "a.txt").chmod(0o600)
    (tmp_path / "set" / "a.txt").symlink_to("../far/a.txt")
    write_set(tmp_path / "set", {"a.txt": "new"})
    assert (tmp_path / "set" / "a.txt").is_symlink()
    assert (tmp_path / "far" / "a.txt").read_text() == "new"
    assert (tmp_path / "far" / "a.txt").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "far").iterdir()] == ["a.txt"]


def test_a_set_that_is_replaced_while_it_is_read_is_read_again_under_the_lock(tmp_path: Path) -> None:
    def write(text: bytes) -> None:
        with FileSet(tmp_path / "manifest.json", replaces=lambda _: True) as files:
            files.write(tmp_path / "words.txt", text)

    write(b"old")
    reads: list[bytes] = []

    def read() -> bytes:
        reads.append((tmp_path / "words.txt").read_bytes())
        if len(reads) == 1:
            write(b"new")
            raise UsageError("old and new files")
        return reads[-1]

    assert read_consistently(str(tmp_path / "manifest.json"), read) == b"new"
    assert reads == [b"old", b"new"]
