"""Folders of images: file names, pixels, and the columns they are written from."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.data.sinks import find_image_columns, write_images
from headrace.errors import SchemaError, UsageError
from headrace.images import decode_image, encode_jpeg


def images(**columns: list[object]) -> pa.RecordBatch:
    return pa.record_batch(columns)


JPEG = encode_jpeg(np.arange(64, dtype=np.uint8).reshape(8, 8))


def test_encoded_images_keep_their_bytes(tmp_path: Path) -> None:
    batch = images(image=[JPEG, JPEG], label=["cat", "日本"], filename=["x.png", "y.jpeg"], other=[1, 2])
    columns = find_image_columns(batch.schema)
    assert columns.list_dropped(batch.schema) == ["other"]
    write_images(tmp_path / "out", [batch], columns)
    assert (tmp_path / "out" / "cat" / "x.jpg").read_bytes() == JPEG
    assert (tmp_path / "out" / "日本" / "y.jpg").read_bytes() == JPEG


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1), (4, 6, 3)])
def test_pixels_become_png(shape: tuple[int, ...], tmp_path: Path) -> None:
    pixels = np.arange(2 * np.prod(shape), dtype=np.uint8).reshape(2, *shape)
    batch = next(iter(Dataset.from_arrays({"image": pixels, "label": np.array([3, 5])})))
    write_images(tmp_path / "out", [batch], find_image_columns(batch.schema))
    found = decode_image((tmp_path / "out" / "5" / "00000001.png").read_bytes(), None)
    assert np.array_equal(found.reshape(shape), pixels[1])


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "..", ".bashrc", "a\\b", "a\x00b", "x" * 300, None])
def test_unsafe_file_names_are_refused(name: str | None, tmp_path: Path) -> None:
    for batch in (images(image=[JPEG], label=[name]), images(image=[JPEG], label=["a"], filename=[name])):
        if name is None and "filename" in batch.schema.names:
            continue  # files without a name are numbered
        schema = pa.schema(
            [field if field.name == "image" else pa.field(field.name, pa.string()) for field in batch.schema]
        )
        columns = find_image_columns(schema)
        with pytest.raises(SchemaError, match="cannot be used as a file name"):
            write_images(tmp_path / "out", [batch.cast(schema)], columns)
    assert not list(tmp_path.iterdir())


def test_duplicate_names_and_bytes_of_another_kind_are_refused(tmp_path: Path) -> None:
    twice = images(image=[JPEG, JPEG], label=["a", "a"], filename=["x.jpg", "x.png"])
    with pytest.raises(SchemaError, match=r"two images of a class are named 'x\.jpg'"):
        write_images(tmp_path / "out", [twice], find_image_columns(twice.schema))
    text = images(image=[b"text"], label=["a"])
    with pytest.raises(SchemaError, match="expected a JPEG"):
        write_images(tmp_path / "out", [text], find_image_columns(text.schema))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    batch = images(image=[JPEG], label=["a"])
    with pytest.raises(UsageError, match="already exists"):
        write_images(tmp_path, [batch], find_image_columns(batch.schema))
    assert (tmp_path / "mine.txt").exists()


def test_columns_are_found_by_type_and_name_or_must_be_named() -> None:
    def columns(*fields: tuple[str, pa.DataType]) -> Iterable[str | None]:
        found = find_image_columns(pa.schema(fields))
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
        find_image_columns(pa.schema([("image", binary), ("label", number)]), label="labl")
