import bz2
import gzip
import io
import random
import tarfile
from collections.abc import Sequence
from datetime import time, timedelta
from pathlib import Path

import fsspec
import numpy as np
import pyarrow as pa
import pytest

from headrace import records
from headrace.data import Dataset
from headrace.data.sources import WebDatasetSource
from headrace.errors import HeadraceError, RecordError, SchemaError

Files = Sequence[tuple[str, bytes]]
SAMPLES: Files = [
    *((f"train/{row:04}.{name}", data) for row in range(5) for name, data in (
        ("jpg", b"image %d" % row), ("CLS", b"%d\n" % row), ("txt", b"text"), ("seg.png", b"mask"))),
    ("train/README", b"no extension"), ("train/.hidden.jpg", b"hidden"),
]  # fmt: skip


def pack(path: Path, files: Files = SAMPLES, **options: object) -> Path:
    with tarfile.open(path, "w", **options) as archive:  # type: ignore[call-overload]
        for name, data in files:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def rows_of(ds: Dataset) -> list[dict]:
    return [row for batch in ds for row in batch.to_pylist()]


EXPECTED = [
    {"__key__": f"train/{row:04}", "jpg": b"image %d" % row, "cls": row, "txt": "text", "seg.png": b"mask"}
    for row in range(5)
]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_samples_are_grouped_by_name_and_decoded_by_extension(form: int, tmp_path: Path) -> None:
    ds = Dataset.from_webdataset(pack(tmp_path / "a.tar", format=form))
    assert ds.schema == pa.schema(
        [
            pa.field("__key__", pa.string(), nullable=False),
            ("jpg", pa.binary()),
            ("cls", pa.int64()),
            ("txt", pa.string()),
            ("seg.png", pa.binary()),
        ]
    )
    assert rows_of(ds) == EXPECTED
    assert ds.num_rows == 5


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_foreign_names_are_read(form: int, tmp_path: Path) -> None:
    names = ["a" * 300, "Ägypten/" + "b" * 150, "日本語"]
    pack(tmp_path / "a.tar", [(f"{name}.txt", b"x") for name in names], format=form)
    ds = Dataset.from_webdataset(tmp_path / "a.tar")
    assert [row["__key__"] for row in rows_of(ds)] == names


@pytest.mark.parametrize("name", ["a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.zst"])
def test_compressed_archives_are_read_from_the_start(name: str, tmp_path: Path) -> None:
    data = pack(tmp_path / "a.tar").read_bytes()
    if name.endswith("zst"):
        with pa.CompressedOutputStream(str(tmp_path / name), "zstd") as file:
            file.write(data)
    else:
        (tmp_path / name).write_bytes(bz2.compress(data) if name.endswith("bz2") else gzip.compress(data))
    ds = Dataset.from_webdataset(tmp_path / name)
    assert rows_of(ds) == EXPECTED
    assert ds.num_rows is None
    assert WebDatasetSource.from_paths(tmp_path / name).open_rows() is None


def test_archives_at_urls_and_braces_are_read(tmp_path: Path) -> None:
    data = pack(tmp_path / "a.tar").read_bytes()
    fsspec.filesystem("memory").pipe({"/wds/a-00.tar": data, "/wds/a-01.tar": data})
    assert rows_of(Dataset.from_webdataset("memory://wds/a-{00..01}.tar")) == EXPECTED * 2


def test_a_shuffled_dataset_reads_samples_by_number(tmp_path: Path) -> None:
    pack(tmp_path / "a.tar", [(f"{row}.cls", b"%d" % row) for row in range(3000)])
    ds = Dataset.from_webdataset(tmp_path / "a.tar", columns=["cls"]).shuffle(seed=0).batch(100)
    values = [batch["cls"].to_pylist() for batch in ds]
    assert sorted(value for batch in values for value in batch) == list(range(3000))
    assert max(values[0]) > 1000


def test_columns_and_a_schema_choose_what_is_read(tmp_path: Path) -> None:
    path = pack(
        tmp_path / "a.tar",
        [("0.json", b'{"a": 1}'), ("0.x", b"1.5"), ("0.v", b"[1,\n2]"), ("1.json", b'{"a": 2}')],
    )
    assert rows_of(Dataset.from_webdataset(path, columns=["x"])) == [{"x": b"1.5"}, {"x": None}]
    schema = pa.schema({"x": pa.float32(), "v": pa.list_(pa.int64()), "json": pa.struct({"a": pa.int64()})})
    assert rows_of(Dataset.from_webdataset(path, schema)) == [
        {"x": 1.5, "v": [1, 2], "json": {"a": 1}},
        {"x": None, "v": None, "json": {"a": 2}},
    ]
    required = pa.schema([pa.field("x", pa.binary(), nullable=False)])
    with pytest.raises(SchemaError, match=r"a.tar at byte 3,072: feature 'x': a required file is missing"):
        rows_of(Dataset.from_webdataset(path, required))
    with pytest.raises(SchemaError, match=r"'jpg': the file lacks this column"):
        rows_of(Dataset.from_webdataset(path, columns=["jpg"]))


def test_a_value_that_does_not_fit_is_named(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.tar", [("0.cls", b"1"), ("1.cls", b"cat")])
    with pytest.raises(SchemaError, match=r"byte 1,024: feature 'cls': expected int64, got the text 'cat'"):
        rows_of(Dataset.from_webdataset(path))
    path = pack(tmp_path / "a.tar", [("0.txt", b"\xff")])
    with pytest.raises(SchemaError, match=r"byte 0: feature 'txt': the file is not UTF-8"):
        rows_of(Dataset.from_webdataset(path))


def test_an_extension_that_comes_late_is_an_error(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.tar", [(f"{row}.cls", b"1") for row in range(300)] + [("x.txt", b"x")])
    with pytest.raises(SchemaError, match=r"the sample 'x' has a file '.txt', which the first samples lack"):
        rows_of(Dataset.from_webdataset(path))
    assert len(rows_of(Dataset.from_webdataset(path, columns=["cls"]))) == 301


def test_keys_and_files_that_repeat_are_errors(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.tar", [("0.txt", b"a"), ("0.TXT", b"b")])
    with pytest.raises(RecordError, match=r"a.tar at byte 1,024: the sample '0' has two files '.txt'"):
        rows_of(Dataset.from_webdataset(path))
    path = pack(tmp_path / "a.tar", [("0.txt", b"a"), ("1.txt", b"b"), ("0.cls", b"1")])
    with pytest.raises(
        RecordError, match=r"byte 2,048: the files of the sample '0' do not follow each other"
    ):
        rows_of(Dataset.from_webdataset(path))


@pytest.mark.parametrize(
    ("kind", "what"),
    [(tarfile.SYMTYPE, "a symbolic link"), (tarfile.LNKTYPE, "a hard link"), (tarfile.CHRTYPE, "a device"),
     (tarfile.FIFOTYPE, "a pipe"), (b"Z", "a member of type b'Z'")],
)  # fmt: skip
def test_links_and_devices_are_errors(kind: bytes, what: str, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        member = tarfile.TarInfo("0.txt")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    with pytest.raises(RecordError, match=rf"byte 0: expected a file, got {what} \(0.txt\)"):
        rows_of(Dataset.from_webdataset(tmp_path / "a.tar"))


def claim(data: bytes, size: bytes) -> bytes:
    """Replace the size that the first header claims."""
    header = bytearray(data[:512])
    header[124:136] = size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + data[512:]


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
@pytest.mark.parametrize(
    "size", [b"\x80" + b"\xff" * 11, b"\x80" + bytes(7) + b"\x7f\xff\xff\xff", b"77777777777\0"]
)
def test_huge_sizes_take_no_memory(name: str, size: bytes, tmp_path: Path) -> None:
    data = claim(pack(tmp_path / "b.tar").read_bytes(), size)
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    with pytest.raises(
        RecordError, match=r"at byte 0: (expected a member of less than 2 GiB|the archive ends)"
    ):
        rows_of(Dataset.from_webdataset(tmp_path / name))


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
def test_a_truncated_archive_is_an_error_at_every_length(name: str, tmp_path: Path) -> None:
    data = pack(tmp_path / "b.tar", SAMPLES[:6], format=tarfile.PAX_FORMAT).read_bytes()
    end = len(data.rstrip(b"\0")) // 512 * 512 + 512
    for size in range(0, end + 1, 128):
        cut = data[:size]
        (tmp_path / name).write_bytes(gzip.compress(cut) if name.endswith("gz") else cut)
        with pytest.raises(RecordError, match=name):
            rows_of(Dataset.from_webdataset(tmp_path / name))


def test_concatenated_archives_are_an_error(tmp_path: Path) -> None:
    data = pack(tmp_path / "b.tar").read_bytes()
    (tmp_path / "a.tar").write_bytes(data + data)
    with pytest.raises(RecordError, match="data follow the end marker"):
        rows_of(Dataset.from_webdataset(tmp_path / "a.tar"))


def test_what_is_not_an_archive_is_an_error(tmp_path: Path) -> None:
    for data in (b"", b"text", b"x" * 10_000):
        (tmp_path / "a.tar").write_bytes(data)
        with pytest.raises(RecordError, match=r"a.tar at byte 0: not a tar archive"):
            rows_of(Dataset.from_webdataset(tmp_path / "a.tar"))


def test_corrupt_bytes_raise_headrace_errors(tmp_path: Path) -> None:
    data = pack(tmp_path / "b.tar", format=tarfile.PAX_FORMAT).read_bytes()[:20_480]
    chance = random.Random(0)
    for _ in range(300):
        damaged = bytearray(data)
        for _ in range(chance.choice([1, 5, 50])):
            damaged[chance.randrange(len(data))] = chance.randrange(256)
        (tmp_path / "a.tar").write_bytes(damaged)
        try:
            rows_of(Dataset.from_webdataset(tmp_path / "a.tar"))
        except HeadraceError as error:
            assert error.path == str(tmp_path / "a.tar")  # noqa: PT017


def test_an_archive_that_changes_after_it_was_indexed_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.tar")
    reader = WebDatasetSource.from_paths(path).open_rows()
    assert reader is not None
    pack(path, SAMPLES[:8])
    with pytest.raises(HeadraceError, match="has changed"):
        reader.take(pa.array([0]).to_numpy())


def test_u_2028_inside_a_string_of_json_is_kept(tmp_path: Path) -> None:
    pack(tmp_path / "a.tar", [("0.json", '{"text":\n "a\u2028b\x85c"}\r\n'.encode())])
    schema = pa.schema({"json": pa.struct({"text": pa.string()})})
    (batch,) = Dataset.from_webdataset(tmp_path / "a.tar", schema)
    assert batch["json"].to_pylist() == [{"text": "a\u2028b\x85c"}]


def test_serialised_tensors_are_decoded_by_a_schema(tmp_path: Path) -> None:
    tensors = [np.full((2, 3), row + 0.1) for row in range(3)]
    files = [(f"{row}.x", records.encode_tensor(each)) for row, each in enumerate(tensors)]
    field = records.serialized(pa.field("x", pa.fixed_shape_tensor(pa.float64(), [2, 3])))
    schema = pa.schema([field])
    path = pack(tmp_path / "a.tar", [*files, ("3.cls", b"1")])
    ds = Dataset.from_webdataset(path, schema)
    (batch,) = ds.batch(4)
    assert batch.schema.equals(schema, check_metadata=True)
    assert np.array_equal(batch["x"][:3].to_numpy_ndarray(), tensors)
    assert batch["x"].null_count == 1
    path = pack(tmp_path / "b.tar", [*files, ("3.x", records.encode_tensor([1.0]))])
    with pytest.raises(SchemaError, match=r"b\.tar at byte 3,072: feature 'x': expected .*float64"):
        list(Dataset.from_webdataset(path, schema))


def test_times_and_durations_are_read_from_text_as_in_csv(tmp_path: Path) -> None:
    path = pack(
        tmp_path / "a.tar", [("0.t", b"12:30:00.5\n"), ("0.d", b"90"), ("1.t", b"01:02"), ("1.d", b"-5")]
    )
    schema = pa.schema({"t": pa.time32("ms"), "d": pa.duration("s")})
    rows = rows_of(Dataset.from_webdataset(path, schema))
    assert [row["t"] for row in rows] == [time(12, 30, 0, 500_000), time(1, 2)]
    assert [row["d"] for row in rows] == [timedelta(seconds=90), timedelta(seconds=-5)]


@pytest.mark.parametrize(
    ("type_", "text"), [(pa.float16(), "1e6"), (pa.float32(), "1e39"), (pa.float64(), "-1e999")]
)
def test_a_number_beyond_its_type_is_an_error_and_infinity_is_not(
    tmp_path: Path, type_: pa.DataType, text: str
) -> None:
    schema = pa.schema({"x": type_})
    path = pack(tmp_path / "a.tar", [("0.x", b"-inf"), ("1.x", b"1.5")])
    assert rows_of(Dataset.from_webdataset(path, schema)) == [{"x": float("-inf")}, {"x": 1.5}]
    path = pack(tmp_path / "b.tar", [("0.x", b"1.5"), ("1.x", text.encode())])
    with pytest.raises(SchemaError, match=rf"feature 'x': expected {type_}, got the text '{text}'"):
        rows_of(Dataset.from_webdataset(path, schema))
