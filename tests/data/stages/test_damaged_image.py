"""A damaged image that a mapped function cannot decode is named by its file, or by its row."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import headrace as hr
from headrace.errors import RecordError


def _decode(batch: pa.RecordBatch) -> pa.RecordBatch:
    pixels = [int(hr.images.decode_image(each.as_py()).sum()) for each in batch["image"]]
    return pa.record_batch({"sum": pixels})


@pytest.fixture
def image() -> bytes:
    return hr.images.encode_png(np.random.default_rng(0).integers(0, 255, (20, 20, 3), np.uint8))


@pytest.mark.parametrize("threads", [1, 2])
def test_a_damaged_image_of_a_folder_is_named(image: bytes, tmp_path: Path, threads: int) -> None:
    for name in ("cats/0.png", "cats/1.png", "dogs/0.png", "dogs/1.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(image)
    (tmp_path / "dogs/0.png").write_bytes(image[:300])
    with pytest.raises(RecordError, match=r"^dogs/0.png: feature 'image': corrupt PNG image") as caught:
        list(hr.Dataset.from_images(tmp_path).map(_decode, threads=threads))
    assert caught.value.hint


def test_a_damaged_image_of_a_column_is_counted(image: bytes) -> None:
    table = pa.table({"note": [b"x", None, b"y"], "image": [image, image, image[:300]]})
    with pytest.raises(RecordError, match=r"^record 2: feature 'image': corrupt PNG image"):
        list(hr.Dataset.from_arrow(table).map(_decode))


def test_another_error_of_the_function_passes_unchanged(image: bytes) -> None:
    def fail(_: pa.RecordBatch) -> pa.RecordBatch:
        raise RecordError("my own")

    with pytest.raises(RecordError, match=r"^my own.$"):
        list(hr.Dataset.from_arrow(pa.table({"image": [image]})).map(fail))
