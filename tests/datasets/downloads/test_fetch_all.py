import hashlib
import subprocess
import sys
from importlib import import_module

import pytest
from tests.datasets.publisher import stall
from tests.waiting import wait_until

from headrace.datasets.downloads import Download, fetch_all
from headrace.errors import UsageError

FILES = {"a b.bin": bytes(1_000), "c.bin": bytes(range(256))}


@pytest.fixture
def downloads(publisher):
    publisher.files.update({name.replace(" ", "%20"): data for name, data in FILES.items()})
    return [
        Download(
            f"{publisher.url}/{name.replace(' ', '%20')}",
            name,
            "sha256:" + hashlib.sha256(data).hexdigest(),
            len(data),
        )
        for name, data in FILES.items()
    ]


def read(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_files_come_into_one_folder(publisher, downloads, tmp_path):
    assert read(fetch_all(downloads, tmp_path / "here")) == FILES
    assert read(fetch_all(downloads, tmp_path / "here")) == FILES
    assert len(publisher.requests) == 2


def test_the_files_of_a_mirror_are_checked_and_read_in_place(publisher, downloads, tmp_path):
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    assert fetch_all(downloads, tmp_path / "here", mirror=tmp_path) == tmp_path
    assert publisher.requests == []
    assert not (tmp_path / "here").exists()
    (tmp_path / "c.bin").write_bytes(bytes(256))
    with pytest.raises(UsageError, match=r"c\.bin: .* with checksum"):
        fetch_all(downloads, tmp_path / "here", mirror=tmp_path)
    (tmp_path / "c.bin").unlink()
    with pytest.raises(UsageError, match=r"c\.bin: missing on the mirror; it needs a b\.bin, c\.bin"):
        fetch_all(downloads, tmp_path / "here", mirror=tmp_path)


def test_a_mirror_on_the_web_has_the_files_by_their_names(publisher, downloads, tmp_path):
    publisher.files.update({f"mirror/{name}": data for name, data in publisher.files.items()})
    assert read(fetch_all(downloads, tmp_path / "here", mirror=f"{publisher.url}/mirror/")) == FILES
    assert [path for path, _ in publisher.requests] == ["/mirror/a%20b.bin", "/mirror/c.bin"]
    with pytest.raises(UsageError, match="expected https"):
        fetch_all(downloads, tmp_path / "other", mirror="http://example.com/mirror")


def test_a_second_process_waits_for_the_first(publisher, downloads, tmp_path, monkeypatch):
    monkeypatch.setattr(
        import_module("headrace.datasets.downloads.fetch"),
        "open_url",
        lambda *_: pytest.fail("this process sends a request, too"),
    )
    publisher.faults.append(stall(10))
    program = (
        "import sys, pathlib\n"
        "from headrace.datasets.downloads import Download, Retries, fetch_all\n"
        "url, checksum, folder = sys.argv[1:]\n"
        "each, retries = Download(url, 'c.bin', checksum, 256), Retries(timeout=3, attempts=100)\n"
        "fetch_all([each], pathlib.Path(folder), retries=retries)\n"
    )
    each = downloads[1]
    words = [sys.executable, "-c", program, each.url, each.checksum, str(tmp_path / "here")]
    with subprocess.Popen(words) as first:
        wait_until(lambda: publisher.requests)
        assert read(fetch_all([each], tmp_path / "here")) == {"c.bin": FILES["c.bin"]}
        assert first.wait() == 0


def test_files_to_fetch_by_hand_are_named_before_any_download(publisher, downloads, tmp_path):
    by_hand = [
        Download("", name, each.checksum, each.size, instructions="sign in at https://example.com")
        for name, each in (("x.tar", downloads[0]), ("y.tar", downloads[0]))
    ]
    everything = [*downloads, *by_hand]
    with pytest.raises(
        UsageError, match=r"to be fetched by hand: x\.tar, y\.tar; sign in at https://example"
    ):
        fetch_all(everything, tmp_path)
    assert publisher.requests == []
    for each in by_hand:
        (tmp_path / each.file_name).write_bytes(FILES["a b.bin"])
    assert sorted(read(fetch_all(everything, tmp_path))) == ["a b.bin", "c.bin", "x.tar", "y.tar"]
