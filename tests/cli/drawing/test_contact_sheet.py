from pathlib import Path

import numpy as np
import pyarrow as pa

from headrace import records
from headrace.cli.drawing.contact_sheet import draw_contact_sheet, find_image_features, read_pictures
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
