import json
import resource
import tarfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace import records
from headrace.data import Dataset

from ..commands import error_line, run_command, run_process

TENSOR = pa.fixed_shape_tensor(pa.uint8(), [2, 2])
SCHEMA = pa.schema(
    [
        pa.field("label", pa.int64(), nullable=False),
        pa.field("score", pa.float32()),
        pa.field("words", pa.list_(pa.string())),
        pa.field("text", pa.string(), nullable=False),
        pa.field("place", pa.list_(pa.float32(), 2), nullable=False),
        pa.field("blob", pa.binary(), nullable=False),
        pa.field("pixels", TENSOR, nullable=False),
    ]
)
ROWS = 50


def source(folder: Path) -> Path:
    """Write a record file with missing values, ragged lists, tensors, bytes, and text of all kinds."""
    pixels = pa.array(np.arange(ROWS * 4, dtype=np.uint8).reshape(ROWS, 4).tolist(), TENSOR.storage_type)
    columns = [
        pa.array(range(ROWS)),
        pa.array([None if row % 7 == 0 else row / 10 for row in range(ROWS)], pa.float32()),
        pa.array(
            [None if row % 5 == 0 else ["naïve", "日本", '"', ""][: row % 4] for row in range(ROWS)],
            pa.list_(pa.string()),
        ),
        pa.array([f'Straße {row}, "x"\r\n😀' for row in range(ROWS)]),
        pa.array([[row / 3, -row] for row in range(ROWS)], pa.list_(pa.float32(), 2)),
        pa.array([bytes([row, 0, 255]) for row in range(ROWS)]),
        pa.ExtensionArray.from_storage(TENSOR, pixels),
    ]
    (path,) = records.write(folder / "a.tfrecord", pa.table(columns, schema=SCHEMA))
    return Path(path)


@pytest.mark.parametrize(
    "extension", ["parquet", "csv", "csv.gz", "jsonl", "jsonl.gz", "tfrecord.gz", "tfrecord.zz"]
)
def test_a_round_trip_gives_the_same_file(extension: str, tmp_path: Path) -> None:
    start, middle, end = source(tmp_path), tmp_path / f"b.{extension}", tmp_path / "c.tfrecord"
    there = run_command("records", "convert", start, middle)
    assert there.code == 0, there.err
    assert f"50 rows → {middle}" in there.out
    schema = (
        []
        if extension in ("parquet", "tfrecord.gz", "tfrecord.zz")
        else ["--schema", tmp_path / "a.schema.json"]
    )
    back = run_command("records", "convert", middle, end, *schema)
    assert back.code == 0, back.err
    assert end.read_bytes() == start.read_bytes()
    assert (tmp_path / "c.schema.json").read_bytes() == (tmp_path / "a.schema.json").read_bytes()


def test_convert_to_shards_and_back(tmp_path: Path) -> None:
    start = source(tmp_path)
    shown = run_process("records", "convert", start, tmp_path / "b.parquet", "--shards", 3)
    assert shown.code == 0, shown.err
    assert "b-00000-of-00003.parquet and 2 more" in shown.out
    assert [pq.read_metadata(tmp_path / f"b-0000{i}-of-00003.parquet").num_rows for i in range(3)] == [
        17,
        17,
        16,
    ]
    assert run_command("records", "convert", tmp_path / "b-*.parquet", tmp_path / "all.jsonl").code == 0
    assert Dataset.from_json_lines(tmp_path / "all.jsonl").num_rows == ROWS


def test_record_files_need_no_extension(tmp_path: Path) -> None:
    start = source(tmp_path)
    records.write(tmp_path / "train", records.read(start), shards=3, compression="gzip")
    named = run_command("records", "convert", tmp_path / "train", tmp_path / "b.jsonl")
    assert named.code == 0, named.err
    shard = start.rename(tmp_path / "valid-00000-of-00001")  # as TensorFlow's own data sets have them
    assert run_command("records", "convert", shard, tmp_path / "c.jsonl").code == 0
    packed = next(tmp_path.glob("train-*.gz")).rename(tmp_path / "packed")
    assert run_command("records", "convert", packed, tmp_path / "e.jsonl").code == 0
    assert (tmp_path / "e.jsonl").read_text().count("\n") in (ROWS // 3, ROWS // 3 + 1)
    for name in ("b.jsonl", "c.jsonl"):
        lines = (tmp_path / name).read_text().splitlines()
        assert sorted(json.loads(line)["label"] for line in lines) == list(range(ROWS))
    (tmp_path / "notes").write_text("no records, and no ending either")
    assert "no format has this extension" in error_line(
        run_command("records", "convert", tmp_path / "notes", tmp_path / "d.csv")
    )


def test_lossy_conversions_are_listed(tmp_path: Path) -> None:
    start = source(tmp_path)
    to_csv = run_command("records", "convert", start, tmp_path / "b.csv").err
    assert "note: written as JSON text in the cells: words, place, blob, pixels" in to_csv
    assert (
        'bytes become {"base64": "..."}: blob'
        in run_command("records", "convert", start, tmp_path / "b.jsonl").err
    )
    assert "any NaN becomes null in JSON: place" in to_csv
    assert "any NaN becomes null in JSON: score, place" in run_command(
        "records", "convert", start, tmp_path / "c.jsonl"
    ).err.replace("\n", " ")
    pq.write_table(pa.table({"x": [0.1]}), tmp_path / "wide.parquet")
    to_records = run_command("records", "convert", tmp_path / "wide.parquet", tmp_path / "wide.tfrecord")
    assert "float64 becomes float32" in to_records.err


def test_images_to_a_folder_and_back(tmp_path: Path) -> None:
    start = source(tmp_path)
    out = run_command("records", "convert", start, tmp_path / "out", "--to", "images", "--image", "pixels")
    assert out.code == 0, out.err
    assert "dropped" in out.err
    assert len(list((tmp_path / "out").glob("*/*.png"))) == ROWS
    back = run_command("records", "convert", tmp_path / "out", tmp_path / "d.tfrecord")
    assert back.code == 0, back.err
    assert next(records.read(tmp_path / "d.tfrecord"))["label"].to_pylist()[:3] == ["0", "1", "10"]
    assert "PNG 2×2" in run_command("records", "head", tmp_path / "d.tfrecord").out


def test_sequence_examples_are_preserved(tmp_path: Path) -> None:
    context = pa.schema([pa.field("label", pa.int64(), nullable=False)])
    schema = records.SequenceSchema(context, pa.schema([pa.field("steps", pa.list_(pa.list_(pa.int64())))]))
    batch = pa.record_batch({"label": [7], "steps": [[[1], [2, 3]]]}, schema=schema.arrow)
    (start,) = records.write(tmp_path / "seq.tfrecord", [batch], schema=schema)
    assert run_command("records", "convert", start, tmp_path / "b.tfrecord.gz").code == 0
    assert run_command("records", "convert", tmp_path / "b.tfrecord.gz", tmp_path / "c.tfrecord").code == 0
    assert (tmp_path / "c.tfrecord").read_bytes() == Path(start).read_bytes()
    assert run_command("records", "convert", start, tmp_path / "c.jsonl").code == 0
    back = (
        "records",
        "convert",
        tmp_path / "c.jsonl",
        tmp_path / "d.tfrecord",
        "--schema",
        tmp_path / "seq.schema.json",
    )
    assert run_command(*back).code == 0
    assert (tmp_path / "d.tfrecord").read_bytes() == Path(start).read_bytes()


def test_an_existing_destination(tmp_path: Path) -> None:
    start = source(tmp_path)
    (tmp_path / "b.csv").write_text("mine")
    words = ("records", "convert", start, tmp_path / "b.csv")
    assert "--force" in error_line(run_command(*words))
    assert (tmp_path / "b.csv").read_text() == "mine"
    assert run_command(*words, "--force").code == 0
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    words = ("records", "convert", start, tmp_path / "out", "--image", "pixels", "--force")
    assert "already exists" in error_line(run_command(*words))


@pytest.mark.parametrize(
    "words",
    [
        ["{file}", "b.xyz"],
        ["{file}", "b", "--to", "excel"],
        ["{file}", "b.csv", "--from", "excel"],
        ["absent.csv", "b.tfrecord"],
        ["absent-*.parquet", "b.tfrecord"],
        ["absent.tfrecord", "b.csv"],
        ["{file}", "no/such/b.csv"],
        ["{file}", "b.csv", "--compression", "gzip"],
        ["{file}", "b.tfrecord", "--compression", "rar"],
        ["{file}", "b.csv", "--schema", "absent.json"],
        ["{file}", "b", "--to", "images", "--image", "absent"],
        ["{file}", "b", "--to", "images", "--image", "pixels", "--shards", "2"],
    ],
    ids=" ".join,
)
def test_invalid_conversions_write_nothing(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    start = source(tmp_path)
    before = sorted(tmp_path.iterdir())
    result = run_command("records", "convert", *(word.format(file=start) for word in words))
    assert error_line(result).startswith(("UsageError: ", "SchemaError: "))
    assert sorted(tmp_path.iterdir()) == before


def test_tar_archives_and_array_records_are_read(tmp_path: Path) -> None:
    (tmp_path / "0001.txt").write_text("Straße")
    (tmp_path / "0001.cls").write_text("3")
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name in ("0001.txt", "0001.cls"):
            archive.add(tmp_path / name, name)
    done = run_command("records", "convert", tmp_path / "a.tar", tmp_path / "a.jsonl")
    assert done.code == 0, done.err
    assert json.loads((tmp_path / "a.jsonl").read_text()) == {"__key__": "0001", "txt": "Straße", "cls": 3}

    module = pytest.importorskip("array_record.python.array_record_module")
    writer = module.ArrayRecordWriter(str(tmp_path / "a.array_record"), "group_size:1")
    writer.write(b"\x00\xff")
    writer.close()
    done = run_command("records", "convert", tmp_path / "a.array_record", tmp_path / "b.parquet")
    assert done.code == 0, done.err
    assert pq.read_table(tmp_path / "b.parquet").to_pylist() == [{"record": b"\x00\xff"}]

    refused = run_command("records", "convert", tmp_path / "b.parquet", tmp_path / "b.tar")
    assert "files of this format are read, not written" in error_line(refused)


@pytest.mark.parametrize(
    "extension", ["parquet", "arrow", "csv", "csv.gz", "jsonl", "tfrecord", "tfrecord.gz"]
)
def test_a_full_disk_names_the_file_in_every_format(extension: str, tmp_path: Path) -> None:
    start, target = source(tmp_path), tmp_path / f"b.{extension}"
    names = sorted(tmp_path.iterdir())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
    try:
        refused = run_command("records", "convert", start, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert error_line(refused).startswith(f"UsageError: {target}: cannot be written: File too large; ")
    assert sorted(tmp_path.iterdir()) == names


def test_columns_are_stored_as_serialised_tensors(tmp_path: Path) -> None:
    table = pa.table({"exact": [0.1, 1e300], "pair": pa.array([[1, 2], [3, 4]], pa.list_(pa.int16(), 2))})
    pq.write_table(table, tmp_path / "in.parquet")
    command = ["records", "convert", tmp_path / "in.parquet"]
    done = run_command(*command, tmp_path / "out.tfrecord", "--serialized", "exact, pair")
    assert "float64" not in done.out + done.err  # its precision stays
    (batch,) = list(records.read(tmp_path / "out.tfrecord"))
    assert batch.to_pydict() == table.to_pydict()
    refused = run_command(*command, tmp_path / "out.csv", "--serialized", "exact")
    assert "--serialized applies to TFRecord only" in error_line(refused)
