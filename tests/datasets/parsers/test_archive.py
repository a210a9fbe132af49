"""Archives are read in place; damaged and hostile ones are one clear error that names the file."""

import bz2
import gzip
import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from headrace.datasets.parsers.archive import TarFiles, open_archive
from headrace.datasets.parsers.nested_tars import NestedTars
from headrace.errors import RecordError, UsageError

FILES = {"a/one.txt": b"first", "a/two.txt": b"", "b/three.bin": bytes(range(256)) * 3000, ".DS_Store": b"x"}


def pack(files=FILES, edit=lambda entry: entry, **options) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", **options) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(edit(entry), io.BytesIO(data))
    return buffer.getvalue()


def pack_zip(files=FILES) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def read_all(path: Path) -> list[bytes]:
    archive = open_archive(path, r".*\.(txt|bin)")
    return [archive.read(name) for name in FILES if not name.startswith(".")]


KINDS = {
    "tar": pack(),
    "pax": pack(format=tarfile.PAX_FORMAT),
    "gzip": gzip.compress(pack()),
    "two members of gzip": gzip.compress(pack()[:1000]) + gzip.compress(pack()[1000:]),
    "bzip2": bz2.compress(pack()),
    "zip": pack_zip(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_found_by_content_whatever_the_name(tmp_path, kind):
    path = tmp_path / "archive.bin"
    path.write_bytes(KINDS[kind])
    archive = open_archive(path, r".*\.(txt|bin)")
    assert archive.names == ("a/one.txt", "a/two.txt", "b/three.bin")
    for name in archive.names:
        assert archive.read(name) == archive.find(name).read() == FILES[name]
        assert archive.read_start(name, 3) == FILES[name][:3]
    assert archive.find("b/three.bin").read(255, 2) == b"\xff\0"
    assert [each.name for each in tmp_path.iterdir()] == ["archive.bin"]
    with pytest.raises(RecordError, match=r"archive\.bin: the archive lacks the file 'c'"):
        archive.read("c")


def test_the_folder_of_the_archive_may_be_read_only(tmp_path):
    path = tmp_path / "archive.tgz"
    path.write_bytes(KINDS["gzip"])
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert open_archive(path, "a/one.txt").read("a/one.txt") == b"first"
    finally:
        tmp_path.chmod(stat.S_IRWXU)


@pytest.mark.parametrize("kind", ["tar", "gzip", "bzip2", "zip"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_a_truncated_archive_is_one_line(tmp_path, kind, share):
    path = tmp_path / "cut.bin"
    whole = KINDS[kind]
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(RecordError, match=r"cut\.bin.*download the file again") as raised:
        read_all(path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "zip"])
def test_a_flipped_byte_is_noticed(tmp_path, kind):
    data = bytearray(KINDS[kind])
    data[len(data) // 2] ^= 0x55
    path = tmp_path / "flipped.bin"
    path.write_bytes(data)
    with pytest.raises(RecordError, match=r"flipped\.bin"):
        read_all(path)


@pytest.mark.parametrize("name", ["../up.txt", "/etc/passwd.txt", "a/../../up.txt", "a\\b.txt"])
@pytest.mark.parametrize("make", [pack, pack_zip])
def test_an_unsafe_path_is_refused(tmp_path, name, make):
    path = tmp_path / "evil.bin"
    path.write_bytes(make({name: b"x"}))
    with pytest.raises(RecordError, match=r"evil\.bin: the archive contains the unsafe path"):
        open_archive(path, ".*")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_a_link_in_place_of_a_file_is_refused(tmp_path, kind):
    def edit(entry):
        entry.type, entry.linkname, entry.size = kind, "/etc/passwd", 0
        return entry

    path = tmp_path / "links.tar"
    path.write_bytes(pack({"a.txt": b""}, edit))
    with pytest.raises(RecordError, match=r"expected a plain file, got a link or device \(a\.txt\)"):
        open_archive(path, r".*\.txt")


def test_two_files_of_one_name_are_refused(tmp_path):
    path = tmp_path / "twice.tar"
    path.write_bytes(pack({"a.txt": b"1", "./a.txt": b"2"}))
    with pytest.raises(RecordError, match=r"two files of the name 'a\.txt'"):
        open_archive(path, ".*")


def test_other_files_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no such file; fetch it with"):
        open_archive(tmp_path / "none.tar", ".*")
    page = tmp_path / "page.tar.gz"
    page.write_text("<html>404</html>")
    with pytest.raises(RecordError, match=r"page\.tar\.gz: not a readable archive"):
        open_archive(page, ".*")
    page.write_bytes(KINDS["tar"])
    with pytest.raises(RecordError, match=r"contains no file of the expected names \(c/\.\*\)"):
        open_archive(page, "c/.*")


def test_a_tar_of_tars(tmp_path):
    path = tmp_path / "outer.tar"
    path.write_bytes(pack({"x.tar": pack({"1": b"one"}), "y.tar": pack({"1": b"two", "2": b""})}))
    archive = NestedTars(path, r"[a-z]\.tar")
    assert archive.names == ("x/1", "y/1", "y/2")
    assert [archive.read(name) for name in archive.names] == [b"one", b"two", b""]
    with pytest.raises(RecordError, match="the archive lacks the file 'z/1'"):
        archive.read("z/1")
    path.write_bytes(pack({"x.tar": pack({"1": b"one"})[:513]}))
    with pytest.raises(RecordError, match=r"outer\.tar/x\.tar"):
        NestedTars(path, r"[a-z]\.tar")


def test_a_file_that_shrinks_after_opening_is_one_line(tmp_path):
    path = tmp_path / "shrunk.tar"
    path.write_bytes(KINDS["tar"])
    archive = TarFiles(path, ".*")
    path.write_bytes(KINDS["tar"][:2000])
    with pytest.raises(RecordError, match=r"shrunk\.tar/b/three\.bin: the file ends too early"):
        archive.read("b/three.bin")
