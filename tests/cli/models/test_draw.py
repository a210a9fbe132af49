"""`headrace models draw`: pictures that show what they say."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ..commands import called, refusal


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """A window: bright bars on darkness, three standing, one lying."""
    pixels = np.zeros((60, 90, 3), np.uint8)
    pixels[:, 20::30] = 255
    pixels[30] = 255
    Image.fromarray(pixels).save(tmp_path / "window.png")
    return tmp_path / "window.png"


def drawn(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"), np.int64)


def test_lines(photograph: Path, tmp_path: Path) -> None:
    out = tmp_path / "lines.png"
    done = called("models", "draw", "lines", "--image", photograph, "--out", out)
    assert done.code == 0
    assert done.out == f"2 panels → {out}\n"
    height, width, _ = drawn(out).shape
    assert width == 1264
    assert 300 < height < 600


def test_a_network_of_the_zoo_beside_lines(photograph: Path, tmp_path: Path) -> None:
    out = tmp_path / "inside.png"
    done = called(
        "models", "draw", "lenet5", "lines", "--image", photograph, "--image", photograph, "--out", out
    )
    assert done.out == f"7 panels → {out}\n"
    colourful = np.ptp(drawn(out), axis=2).max(axis=1) > 60
    assert colourful.sum() > 200  # saliency, evidence and feature maps; filters and lines are grey


def test_a_run(image_run: Path, photograph: Path, tmp_path: Path) -> None:
    out = tmp_path / "run.png"
    assert called("models", "draw", image_run, "--image", photograph, "--out", out).code == 0
    assert drawn(out).std() > 10


def test_the_subject_of_a_run_is_its_network_on_its_own_values(image_run: Path) -> None:
    from headrace.cli.models.load import find_subject

    stripes = np.repeat(np.indices((8, 8))[1, :, :, None] // 2 % 2 * 255, 3, axis=2).astype(np.uint8)
    subject = find_subject(str(image_run), [stripes, stripes], None)
    assert subject.images.shape == (2, 1, 8, 8)
    assert subject.images.mean().item() == pytest.approx(0, abs=1e-5)  # standardised, as in training
    assert subject.images.std(correction=0).item() == pytest.approx(1, abs=1e-5)
    assert np.array_equal(subject.pictures[0], stripes)
    assert all(answer.split(",")[0] in ("lying", "standing") for answer in subject.answers())


def test_what_cannot_be_drawn_is_said(photograph: Path, executed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    command = ("models", "draw")
    assert "no model is named 'lenet'; did you mean 'lenet5'" in refusal(
        called(*command, "lenet", "--image", photograph, "--out", out)
    )
    assert f"{executed}: the run's recipe has no column of images" in refusal(
        called(*command, executed, "--image", photograph, "--out", out)
    )
    (tmp_path / "text.png").write_text("no picture")
    assert refusal(called(*command, "lines", "--image", tmp_path / "text.png", "--out", out)).startswith(
        f"RecordError: {tmp_path / 'text.png'}: 10 bytes that are neither JPEG"
    )
    assert not out.exists()
    out.write_text("mine")
    assert "exists already; choose another place, or give --force" in refusal(
        called(*command, "lines", "--image", photograph, "--out", out)
    )
    assert out.read_text() == "mine"
