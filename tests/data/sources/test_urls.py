"""Every format of files is read from an S3 server, from a home folder and compressed as from a plain path."""

import bz2
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import numpy as np
import pyarrow as pa
import pytest

from headrace import records
from headrace.data import Dataset
from headrace.data.sinks import write_csv, write_json_lines, write_parquet
from headrace.errors import HeadraceError, UsageError
from headrace.images import encode_png

TABLE = pa.table({"n": range(2000), "word": [f"word {row}" for row in range(2000)]})


def write_records(path: Path, batches: list[pa.RecordBatch], _schema: pa.Schema) -> list[str]:
    return records.write(path, batches, shards=1)


FORMATS: dict[str, tuple[Callable[..., list[str]], Callable[..., Dataset]]] = {
    "rows.csv": (write_csv, Dataset.from_csv),
    "rows.jsonl": (write_json_lines, Dataset.from_json_lines),
    "rows.parquet": (write_parquet, Dataset.from_parquet),
    "rows.tfrecord": (write_records, Dataset.from_records),
}


def write(name: str, folder: Path) -> Path:
    FORMATS[name][0](folder / name, TABLE.to_batches(), TABLE.schema)
    return folder / name


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket of an S3 server in this process."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        fsspec.filesystem("s3").mkdir("s3://rows")
        yield "s3://rows"
        fsspec.filesystem("s3").clear_instance_cache()
    server.stop()


def upload(path: Path, bucket: str) -> str:
    """Upload a file and what belongs to it, such as a schema file."""
    folder = f"{bucket}/{path.parent.name}"
    for each in path.parent.glob(f"{path.name.partition('.')[0]}.*"):
        fsspec.filesystem("s3").put_file(str(each), f"{folder}/{each.name}")
    return f"{folder}/{path.name}"


def to_table(ds: Dataset) -> pa.Table:
    return pa.Table.from_batches(list(ds), ds.schema)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_read_from_s3(name: str, bucket: str, tmp_path: Path) -> None:
    path = write(name, tmp_path)
    read = FORMATS[name][1]
    ds = read(upload(path, bucket))
    assert to_table(ds) == to_table(read(path))
    assert ds.num_rows == 2000
    assert ds.parts is not None
    assert len(ds.parts[0].fingerprint) == 32


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_to_s3_is_read_back(name: str, bucket: str) -> None:
    write_, read = FORMATS[name]
    (path,) = write_(f"{bucket}/written/{name}", TABLE.to_batches(), TABLE.schema)
    assert to_table(read(path)).to_pydict() == TABLE.to_pydict()


@pytest.mark.parametrize("name", FORMATS)
def test_patterns_and_braces_find_files_on_s3(name: str, bucket: str, tmp_path: Path) -> None:
    path = write(name, tmp_path)
    for number in (1, 2):
        copy = path.with_name(f"{number}-{name}")
        copy.write_bytes(path.read_bytes())
        url = upload(copy, bucket)
    folder = url.rpartition("/")[0]
    assert FORMATS[name][1](f"{folder}/[12]-{name}").num_rows == 4000
    assert FORMATS[name][1](f"{folder}/{{1..2}}-{name}").num_rows == 4000


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_is_missing_on_s3_is_named(name: str, bucket: str) -> None:
    with pytest.raises(UsageError, match=r"s3://rows/missing/rows"):
        FORMATS[name][1](f"{bucket}/missing/{name}")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_read_from_the_home_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_, read = FORMATS[name]
    paths = write_(f"~/{name}", TABLE.to_batches(), TABLE.schema)
    assert paths == [str(tmp_path / name)]
    for path in (f"~/{name}", f"~/*{name}", [f"~/{name}"]):
        assert read(path).num_rows == 2000


def compress_zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


COMPRESSIONS = {".gz": gzip.compress, ".bz2": bz2.compress, ".zst": compress_zstd}


@pytest.mark.parametrize("extension", COMPRESSIONS)
@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
@pytest.mark.parametrize("place", ["local", "s3"])
class TestCompression:
    def url(self, name: str, extension: str, place: str, bucket: str, folder: Path, cut: int = 0) -> str:
        data = COMPRESSIONS[extension](write(name, folder).read_bytes())
        path = folder / (name + extension)
        path.write_bytes(data[: len(data) - cut])
        return str(path) if place == "local" else upload(path, bucket)

    def test_it_is_recognized(self, name, extension, place, bucket, tmp_path) -> None:
        assert to_table(FORMATS[name][1](self.url(name, extension, place, bucket, tmp_path))) == TABLE

    @pytest.mark.parametrize("cut", [1, 500])
    def test_a_truncated_file_is_an_error(self, name, extension, place, bucket, tmp_path, cut) -> None:
        url = self.url(name, extension, place, bucket, tmp_path, cut)
        with pytest.raises(UsageError, match="cannot read the file") as caught:
            list(FORMATS[name][1](url, schema=TABLE.schema))
        assert caught.value.path == url


@pytest.mark.parametrize("name", FORMATS)
def test_columns_are_selected_in_their_order(name: str, tmp_path: Path) -> None:
    path, read = write(name, tmp_path), FORMATS[name][1]
    ds = read(path, columns=["word"])
    assert ds.schema.names == ["word"]
    assert to_table(ds)["word"].to_pylist() == TABLE["word"].to_pylist()
    assert read(path, columns=["word", "n"]).schema.names == ["word", "n"]
    with pytest.raises(HeadraceError, match=r"'wrod': the file lacks this column; did you mean 'word'?"):
        _ = read(path, columns=["wrod"]).schema
    assert read(path, columns="word").schema.names == ["word"]
    with pytest.raises(UsageError, match="columns: expected distinct names of columns, got \\['n', 'n'\\]"):
        read(path, columns=["n", "n"])


def write_images(folder: Path) -> None:
    for row in range(6):
        path = folder / "cats and dogs" / ("cat", "dog")[row % 2] / f"{row} #1.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_png(np.full((4, 4), row, np.uint8)))


def write_texts(folder: Path) -> None:
    for row in range(6):
        path = folder / "reviews" / ("neg", "pos")[row % 2] / f"{row}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text {row}")


@pytest.mark.parametrize(
    ("name", "write_folder", "read"),
    [("cats and dogs", write_images, Dataset.from_images), ("reviews", write_texts, Dataset.from_text)],
)
def test_folders_are_read_from_s3(name, write_folder, read, bucket: str, tmp_path: Path) -> None:
    write_folder(tmp_path)
    fs = fsspec.filesystem("s3")
    for path in (tmp_path / name).rglob("*.*"):
        fs.put_file(str(path), f"{bucket}/folders/{path.relative_to(tmp_path).as_posix()}")
    ds, local = read(f"{bucket}/folders/{name}"), read(tmp_path / name)
    assert to_table(ds) == to_table(local)
    assert to_table(ds.shuffle(seed=0)) == to_table(local.shuffle(seed=0))
    assert len(ds.source.fingerprint) == len(ds.source.cache_key) == 32
    with pytest.raises(UsageError, match=r"s3://rows/folders/missing: no such folder"):
        read(f"{bucket}/folders/missing")


@pytest.mark.parametrize("extension", COMPRESSIONS)
def test_compressed_texts_are_read(extension: str, tmp_path: Path) -> None:
    write_texts(tmp_path)
    expected = to_table(Dataset.from_text(tmp_path / "reviews"))
    for path in (tmp_path / "reviews").rglob("*.txt"):
        path.with_name(path.name + extension).write_bytes(COMPRESSIONS[extension](path.read_bytes()))
        path.unlink()
    assert to_table(Dataset.from_text(tmp_path / "reviews")) == expected
    data = COMPRESSIONS[extension](bytes(17 << 20))
    (tmp_path / "reviews" / "pos" / f"bomb.txt{extension}").write_bytes(data)
    with pytest.raises(UsageError, match=rf"bomb.txt{extension}: the text is larger than 16 MiB"):
        to_table(Dataset.from_text(tmp_path / "reviews"))
    (tmp_path / "reviews" / "pos" / f"bomb.txt{extension}").write_bytes(data[:20])
    with pytest.raises(UsageError, match=rf"bomb.txt{extension}: corrupt compressed file"):
        to_table(Dataset.from_text(tmp_path / "reviews"))
