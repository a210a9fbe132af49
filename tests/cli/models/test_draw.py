"""`headrace models draw`: the drawings match their titles."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ..commands import error_line, run_command


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """Write an image of a window: three vertical bright bars and a horizontal one on black."""
    pixels = np.zeros((60, 90, 3), np.uint8)
    pixels[:, 20::30] = 255
    pixels[30] = 255
    Image.fromarray(pixels).save(tmp_path / "window.png")
    return tmp_path / "window.png"


def read_drawing(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"), np.int64)


def test_lines(photograph: Path, tmp_path: Path) -> None:
    out = tmp_path / "lines.png"
    done = run_command("models", "draw", "lines", "--image", photograph, "--out", out)
    assert done.code == 0
    assert done.out == f"2 panels → {out}\n"
    height, width, _ = read_drawing(out).shape
    assert width == 1264
    assert 300 < height < 600


def test_a_model_of_the_zoo_and_lines(photograph: Path, tmp_path: Path) -> None:
    out = tmp_path / "inside.png"
    done = run_command(
        "models", "draw", "lenet5", "lines", "--image", photograph, "--image", photograph, "--out", out
    )
    assert done.out == f"7 panels → {out}\n"
    colourful = np.ptp(read_drawing(out), axis=2).max(axis=1) > 60
    assert colourful.sum() > 200  # saliency, evidence and feature maps; filters and lines are grey


def test_a_run(image_run: Path, photograph: Path, tmp_path: Path) -> None:
    out = tmp_path / "run.png"
    assert run_command("models", "draw", image_run, "--image", photograph, "--out", out).code == 0
    assert read_drawing(out).std() > 10


def test_a_run_is_loaded_with_its_network_and_its_transform(image_run: Path) -> None:
    from headrace.cli.models.load import load_model

    stripes = np.repeat(np.indices((8, 8))[1, :, :, None] // 2 % 2 * 255, 3, axis=2).astype(np.uint8)
    loaded = load_model(str(image_run), [stripes, stripes], None)
    assert loaded.images.shape == (2, 1, 8, 8)
    assert loaded.images.mean().item() == pytest.approx(0, abs=1e-5)  # standardised, as in training
    assert loaded.images.std(correction=0).item() == pytest.approx(1, abs=1e-5)
    assert np.array_equal(loaded.pictures[0], stripes)
    assert all(text.split(",")[0] in ("lying", "standing") for text in loaded.describe_predictions())


def test_errors_of_draw_are_one_line(photograph: Path, executed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    command = ("models", "draw")
    assert "no model is named 'lenet'; did you mean 'lenet5'" in error_line(
        run_command(*command, "lenet", "--image", photograph, "--out", out)
    )
    assert f"{executed}: the run's recipe has no column of images" in error_line(
        run_command(*command, executed, "--image", photograph, "--out", out)
    )
    (tmp_path / "text.png").write_text("no picture")
    assert error_line(
        run_command(*command, "lines", "--image", tmp_path / "text.png", "--out", out)
    ).startswith(f"RecordError: {tmp_path / 'text.png'}: expected a JPEG, PNG, BMP, GIF, ")
    assert not out.exists()
    out.write_text("mine")
    assert "the file already exists; choose another path, or pass --force" in error_line(
        run_command(*command, "lines", "--image", photograph, "--out", out)
    )
    assert out.read_text() == "mine"
