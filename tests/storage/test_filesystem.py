"""Record files at URLs: in memory, on a web server, and by `file://`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pytest

from headrace.errors import RecordError, UsageError
from headrace.records import RecordReader, RecordWriter, check, count, infer_schema, read, read_schema, write
from headrace.storage import glob_paths, local_path, local_target


@pytest.fixture
def memory() -> Iterator[str]:
    fs = fsspec.filesystem("memory")
    yield "memory://records"
    if fs.exists("/records"):
        fs.rm("/records", recursive=True)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


class Short(Quiet):
    """Hangs up in the middle of every file."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        outputfile.write(source.read(50))


@pytest.fixture(params=[Quiet])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(request.param, directory=tmp_path))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def numbers(rows: int) -> pa.RecordBatch:
    return pa.record_batch({"n": pa.array(range(rows), pa.int64())})


def column(paths: Any) -> list[int]:
    return [n for batch in read(paths) for n in batch["n"].to_pylist()]


@pytest.mark.parametrize("compression", [None, "gzip", "zlib"])
def test_memory_is_written_and_read(memory: str, compression: str | None) -> None:
    files = write(f"{memory}/train", [numbers(5)], shards=2, compression=compression)
    suffix = {None: "", "gzip": ".gz", "zlib": ".zz"}[compression]
    assert files == [f"{memory}/train-0000{i}-of-00002.tfrecord{suffix}" for i in range(2)]
    assert read_schema(f"{memory}/train.schema.json") == numbers(0).schema
    for paths in (f"{memory}/train", f"{memory}/train-*.tfrecord*", files):
        assert column(paths) == [0, 2, 4, 1, 3]
    assert (count(files), check(files).ok) == (5, True)


def test_two_readers_of_one_file_in_memory_do_not_meet(memory: str) -> None:
    with RecordWriter(f"{memory}/raw") as writer:
        for number in range(2000):
            writer.write(number.to_bytes(1000, "little"))
    pairs = zip(RecordReader(f"{memory}/raw"), RecordReader(f"{memory}/raw"), strict=True)
    assert all(one == other for one, other in pairs)


def test_a_file_in_memory_appears_only_when_complete(memory: str) -> None:
    fs = fsspec.filesystem("memory")
    writer = RecordWriter(f"{memory}/raw")
    writer.write(b"one")
    assert not fs.exists("/records/raw")
    writer.close()
    assert list(RecordReader(f"{memory}/raw")) == [b"one"]
    discarded = RecordWriter(f"{memory}/raw")
    discarded.write(b"two")
    discarded.__exit__(KeyError, KeyError(), None)
    assert list(RecordReader(f"{memory}/raw")) == [b"one"]
    assert fs.ls("/records", detail=False) == ["/records/raw"]


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_a_web_server_is_read(server: str, tmp_path: Path, compression: str | None) -> None:
    batch = pa.record_batch({"n": pa.array(range(40_000)), "t": ["x" * 60] * 40_000})  # more than a chunk
    files = write(tmp_path / "train", [batch], shards=2, compression=compression)
    urls = [f"{server}/{Path(file).name}" for file in files]
    for paths in (f"{server}/train", f"{server}/train-*.tfrecord*", urls):
        assert column(paths) == [*range(0, 40_000, 2), *range(1, 40_000, 2)]
    assert glob_paths(f"{server}/train-*.tfrecord*") == urls
    (tmp_path / "train.schema.json").unlink()
    assert infer_schema(urls) == batch.schema.set(0, batch.schema.field(0).with_nullable(False)).set(
        1, batch.schema.field(1).with_nullable(False)
    )


@pytest.mark.parametrize("server", [Short], indirect=True)
def test_a_server_that_hangs_up_is_no_short_file(server: str, tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "raw") as writer:
        writer.write(b"a" * 20)
        writer.write(b"b" * 200)
    found: list[bytes] = []
    with pytest.raises(UsageError, match="cannot be read"):
        found.extend(RecordReader(f"{server}/raw"))
    assert found in ([], [b"a" * 20])


def test_what_a_server_has_not(server: str) -> None:
    with pytest.raises(UsageError, match="no file matches"):
        read(f"{server}/missing-*.tfrecord")
    with pytest.raises(UsageError, match="No such file"):
        list(RecordReader(f"{server}/missing"))
    with pytest.raises(UsageError, match="cannot be written"):
        write(f"{server}/train", [numbers(1)])


def test_file_urls_are_local_files(tmp_path: Path) -> None:
    files = write(f"file://{tmp_path}/train", [numbers(3)])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "train-00000-of-00001.tfrecord",
        "train.manifest.json",
        "train.schema.json",
    ]
    for paths in (files, f"file://{tmp_path}/train", f"file://{tmp_path}/train-*"):
        assert column(paths) == [0, 1, 2]


def test_damage_at_a_url_names_it(memory: str) -> None:
    fsspec.filesystem("memory").pipe("/records/raw", b"no record file at all")
    with pytest.raises(RecordError, match=f"{memory}/raw, record 0 at byte 0: not a TFRecord file"):
        list(RecordReader(f"{memory}/raw"))


@pytest.mark.parametrize(("url", "package"), [("s3://bucket/a", "s3fs"), ("gs://bucket/a", "gcsfs")])
def test_a_missing_package_is_named(url: str, package: str) -> None:
    pytest.importorskip("fsspec")
    try:
        __import__(package)
    except ImportError:
        with pytest.raises(UsageError, match=f"pip install {package}"):
            read(url)
    else:
        pytest.skip(f"{package} is here")


def test_a_url_of_nobody() -> None:
    with pytest.raises(UsageError, match="give a local path or a URL that fsspec knows"):
        read("nobody://a/b.tfrecord")


def test_a_pattern_in_a_chain_of_urls() -> None:
    with pytest.raises(UsageError, match="name the files"):
        glob_paths("zip://*.tfrecord::memory://a.zip")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("file:///data/a", "/data/a"),
        ("file:/data/a", "/data/a"),  # what pathlib makes of it
        ("file://localhost/data/a", "/data/a"),
        ("./s3:/data", "s3:/data"),
        ("a:/b", "a:/b"),
    ],
)
def test_file_urls_and_odd_names_are_local(url: str, expected: str) -> None:
    assert local_path(url) == Path(expected)


@pytest.mark.parametrize("protocol", ["s3", "gs", "hdfs", "abfs", "memory", "https"])
def test_a_url_that_pathlib_changed_is_refused_not_a_local_folder(protocol: str) -> None:
    with pytest.raises(UsageError, match=f"expected {protocol}:// in front of the name"):
        local_path(str(Path(f"{protocol}://bucket/x")))


@pytest.mark.parametrize("path", ["s3://bucket/x", Path("gs://bucket/x"), "memory://x"])
def test_a_url_where_only_a_local_path_can_be_is_refused(path: str | Path) -> None:
    with pytest.raises(UsageError, match="expected a local path, got a URL"):
        local_target(path)
    assert local_target("file:///data/x") == Path("/data/x")
