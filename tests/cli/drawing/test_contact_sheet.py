from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from headrace import records
from headrace.cli.drawing import draw_contact_sheet, find_image_features, read_pictures
from headrace.images import decode_image, encode_jpeg, encode_png

from ..commands import error_line, run_command, run_process

RED = np.full((40, 20, 3), (255, 0, 0), np.uint8)


def encoded(*images: bytes | None) -> pa.RecordBatch:
    return pa.record_batch(
        {"image": pa.array(images, pa.binary()), "label": [f"Straße {i}" for i in range(len(images))]}
    )


def test_pixels_and_encoded_images() -> None:
    tensor = pa.fixed_shape_tensor(pa.uint8(), [40, 20, 3])
    pixels = pa.ExtensionArray.from_storage(tensor, pa.array([RED.reshape(-1).tolist()], tensor.storage_type))
    batch = pa.record_batch(
        {"png": [encode_png(RED)], "jpeg": [encode_jpeg(RED)], "pixels": pixels, "text": [b"text"]}
    )
    assert find_image_features(batch) == ["png", "jpeg", "pixels"]
    sheet = np.asarray(draw_contact_sheet(list(read_pictures(batch))))
    red = ((sheet[..., 0] > 250) & (sheet[..., 1] < 10)).sum()
    assert red == 3 * 120 * 60


def test_missing_and_corrupt_images_leave_empty_cells() -> None:
    batch = encoded(encode_png(RED), None, encode_png(RED)[:40])
    found = list(read_pictures(batch))
    assert [picture.pixels is None for picture in found] == [False, True, True]
    assert [picture.caption for picture in found] == ["Straße 0", "Straße 1", "Straße 2"]
    assert draw_contact_sheet(found).width > draw_contact_sheet(found[:1]).width


def test_head_draws_the_first_images(tmp_path: Path) -> None:
    (path,) = records.write(tmp_path / "a.tfrecord", encoded(*[encode_png(RED)] * 60))
    shown = run_process("records", "head", path, "--images", tmp_path / "sheet.png")
    assert shown.code == 0, shown.err
    assert "48 images → " in shown.out
    assert shown.out.count("PNG 20×40") == 5
    sheet = decode_image((tmp_path / "sheet.png").read_bytes())
    assert ((sheet[..., 0] > 250) & (sheet[..., 1] < 10)).sum() == 48 * 120 * 60
    assert "--force" in error_line(run_command("records", "head", path, "--images", tmp_path / "sheet.png"))


def test_records_without_images(shards: list[Path], tmp_path: Path) -> None:
    result = run_command("records", "head", *shards, "--images", tmp_path / "sheet.png")
    assert result.code == 2
    assert "expected a feature with JPEG" in result.err
    assert not (tmp_path / "sheet.png").exists()


def tensors(values: np.ndarray) -> pa.Array:
    return pa.FixedShapeTensorArray.from_numpy_ndarray(values.copy("C"))


def nested(values: list[np.ndarray]) -> pa.Array:
    type_ = pa.uint8()
    for size in reversed(values[0].shape[1:]):
        type_ = pa.list_(type_, size)
    return pa.array([each.tolist() for each in values], pa.list_(type_))


def test_of_films_and_lists_of_images_the_first_is_drawn() -> None:
    film = np.stack([RED, np.zeros_like(RED)])[None]
    files = pa.array([[encode_png(RED), b""]], pa.list_(pa.binary()))
    batch = pa.record_batch({"film": tensors(film), "list": nested([film[0][:1]]), "files": files})
    found = list(read_pictures(batch))
    assert [each.caption for each in found] == ["0 (1 of 2)", "0", "0 (1 of 2)"]
    assert all(each.pixels is not None and np.array_equal(each.pixels, RED) for each in found)
    empty = pa.record_batch({"list": nested([film[0], film[0][:0]])})
    (_, picture) = read_pictures(empty)
    assert picture.pixels is None
    assert find_image_features(pa.record_batch({"x": pa.array([[[1, 2]], []])})) == []


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        pytest.param(np.array([0, 1, 2], np.uint8), [0, 128, 255], id="classes of a mask"),
        pytest.param(np.array([0, 8, 16], np.uint8), [0, 128, 255], id="sixteen shades"),
        pytest.param(np.array([0, 100, 200], np.uint8), [0, 100, 200], id="bytes as they are"),
        pytest.param(np.array([0, 32768, 65535], np.uint16), [0, 128, 255], id="16 bits"),
        pytest.param(np.array([0, 0.5, 1], np.float32), [0, 128, 255], id="floats from 0 to 1"),
        pytest.param(np.array([-1, 0, 1], np.float32), [0, 128, 255], id="floats around 0"),
        pytest.param(np.array([np.nan, 0, 3], np.float32), [0, 0, 255], id="a missing float"),
    ],
)
def test_values_are_scaled_to_what_a_screen_shows(values: np.ndarray, drawn: list[int]) -> None:
    batch = pa.record_batch({"x": tensors(np.broadcast_to(values[:, None, None, None], (3, 4, 4, 1)).copy())})
    assert [int(each.pixels[0, 0, 0]) for each in read_pictures(batch) if each.pixels is not None] == drawn


def test_captions_are_those_of_the_label() -> None:
    batch = pa.record_batch({"x": tensors(RED[None]), "species": ["owl"], "label": ["x"]})
    assert [[each.caption for each in read_pictures(batch, name)] for name in ("species", "")] == [
        ["owl"],
        ["x"],
    ]
