"""Every format: what is written is read back, in shards too, and nothing is left half-written."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.data.sinks import image_columns, write_csv, write_images, write_json_lines, write_parquet
from headrace.errors import SchemaError, UsageError
from headrace.images import decode_image, encode_jpeg

Write = Callable[..., list[str]]
FILES: dict[str, tuple[Write, Callable[..., Dataset]]] = {
    "parquet": (write_parquet, Dataset.from_parquet),
    "csv": (write_csv, Dataset.from_csv),
    "csv.gz": (write_csv, Dataset.from_csv),
    "jsonl": (write_json_lines, Dataset.from_json_lines),
    "jsonl.gz": (write_json_lines, Dataset.from_json_lines),
}
TABLE = pa.table(
    {
        "n": pa.array(range(10)),
        "x": pa.array([None if row % 4 == 3 else row / 10 for row in range(10)]),
        "s": pa.array([f'Straße, "{row}"\n' for row in range(10)]),
    }
)


def rows(ds: Dataset) -> list[dict[str, object]]:
    return [row for batch in ds for row in batch.to_pylist()]


@pytest.mark.parametrize("ending", FILES)
def test_what_is_written_is_read(ending: str, tmp_path: Path) -> None:
    write, read = FILES[ending]
    (path,) = write(tmp_path / f"a.{ending}", TABLE.to_batches(max_chunksize=3), TABLE.schema)
    assert path == str(tmp_path / f"a.{ending}")
    found = rows(read(path))
    expected = TABLE.to_pylist()
    for row in found if ending.startswith("csv") else []:
        row["x"] = None if np.isnan(row["x"] or 0) else row["x"]  # type: ignore[call-overload]
    assert found == expected


@pytest.mark.parametrize("ending", FILES)
def test_rows_are_dealt_out_to_shards(ending: str, tmp_path: Path) -> None:
    write, read = FILES[ending]
    names = write(tmp_path / f"a.{ending}", TABLE.to_batches(max_chunksize=4), TABLE.schema, shards=3)
    assert [Path(name).name for name in names] == [f"a-0000{index}-of-00003.{ending}" for index in range(3)]
    assert [[row["n"] for row in rows(read(name))] for name in names] == [[0, 3, 6, 9], [1, 4, 7], [2, 5, 8]]


def interrupted() -> Iterator[pa.RecordBatch]:
    yield TABLE.to_batches()[0]
    raise KeyboardInterrupt


@pytest.mark.parametrize("ending", FILES)
def test_an_interrupted_writing_leaves_nothing(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"a.{ending}").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        FILES[ending][0](tmp_path / f"a.{ending}", interrupted(), TABLE.schema)
    assert [path.name for path in tmp_path.iterdir()] == [f"a.{ending}"]
    assert (tmp_path / f"a.{ending}").read_bytes() == b"old"


def images(**columns: list[object]) -> pa.RecordBatch:
    return pa.record_batch(columns)


JPEG = encode_jpeg(np.arange(64, dtype=np.uint8).reshape(8, 8))


def test_encoded_images_keep_their_bytes(tmp_path: Path) -> None:
    batch = images(image=[JPEG, JPEG], label=["cat", "日本"], filename=["x.png", "y.jpeg"], other=[1, 2])
    columns = image_columns(batch.schema)
    assert columns.others(batch.schema) == ["other"]
    write_images(tmp_path / "out", [batch], columns)
    assert (tmp_path / "out" / "cat" / "x.jpg").read_bytes() == JPEG
    assert (tmp_path / "out" / "日本" / "y.jpg").read_bytes() == JPEG


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1), (4, 6, 3)])
def test_pixels_become_png(shape: tuple[int, ...], tmp_path: Path) -> None:
    pixels = np.arange(2 * np.prod(shape), dtype=np.uint8).reshape(2, *shape)
    batch = next(iter(Dataset.from_arrays({"image": pixels, "label": np.array([3, 5])})))
    write_images(tmp_path / "out", [batch], image_columns(batch.schema))
    found = decode_image((tmp_path / "out" / "5" / "00000001.png").read_bytes())
    assert np.array_equal(found.reshape(shape), pixels[1])


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "..", ".bashrc", "a\\b", "a\x00b", "x" * 300, None])
def test_names_that_lead_elsewhere_are_refused(name: str | None, tmp_path: Path) -> None:
    for batch in (images(image=[JPEG], label=[name]), images(image=[JPEG], label=["a"], filename=[name])):
        if name is None and "filename" in batch.schema.names:
            continue  # numbered
        schema = pa.schema(
            [field if field.name == "image" else pa.field(field.name, pa.string()) for field in batch.schema]
        )
        columns = image_columns(schema)
        with pytest.raises(SchemaError, match="cannot be the name of a file"):
            write_images(tmp_path / "out", [batch.cast(schema)], columns)
    assert not list(tmp_path.iterdir())


def test_a_name_that_comes_twice_and_bytes_that_are_no_image(tmp_path: Path) -> None:
    twice = images(image=[JPEG, JPEG], label=["a", "a"], filename=["x.jpg", "x.png"])
    with pytest.raises(SchemaError, match=r"'x\.jpg'"):
        write_images(tmp_path / "out", [twice], image_columns(twice.schema))
    text = images(image=[b"text"], label=["a"])
    with pytest.raises(SchemaError, match="neither JPEG"):
        write_images(tmp_path / "out", [text], image_columns(text.schema))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    batch = images(image=[JPEG], label=["a"])
    with pytest.raises(UsageError, match="exists already"):
        write_images(tmp_path, [batch], image_columns(batch.schema))
    assert (tmp_path / "mine.txt").exists()


def test_columns_are_found_or_asked_for() -> None:
    def columns(*fields: tuple[str, pa.DataType]) -> Iterable[str | None]:
        found = image_columns(pa.schema(fields))
        return found.image, found.label, found.filename

    binary, string, number = pa.binary(), pa.string(), pa.int64()
    assert columns(("picture", binary), ("kind", string)) == ("picture", "kind", None)
    assert columns(("image", binary), ("mask", binary), ("label", number), ("id", string)) == (
        "image",
        "label",
        "id",
    )
    with pytest.raises(SchemaError, match="--image"):
        columns(("a", binary), ("b", binary), ("label", number))
    with pytest.raises(SchemaError, match="--label"):
        columns(("image", binary), ("x", pa.float32()))
    with pytest.raises(SchemaError, match="'labl'"):
        image_columns(pa.schema([("image", binary), ("label", number)]), label="labl")
