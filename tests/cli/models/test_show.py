"""`headrace models show`."""

import re

import pytest

from ..commands import error_line, run_command


def test_show_prints_a_row_per_stage_and_the_source() -> None:
    shown = run_command("models", "show", "resnet34").out
    assert re.search(r"^conv4_x +6 x Residual +256 x 14 x 14 +6,822,400 +1,335,885,824$", shown, re.MULTILINE)
    assert re.search(r"^total +21,797,672 +3,663,761,408$", shown, re.MULTILINE)
    assert "arXiv:1512.03385" in shown
    assert "weights: torchvision and timm" in shown


def test_show_for_other_images_and_classes() -> None:
    shown = run_command("models", "show", "resnet18", "--size", "28", "--channels", 1, "--classes", 10).out
    assert re.search(r"^conv1 +Conv2d +64 x 28 x 28 +3x3 ", shown, re.MULTILINE)
    assert re.search(r"^output +Linear +10 +5,130 ", shown, re.MULTILINE)


def test_show_full_prints_a_line_per_layer() -> None:
    assert re.search(
        r"^conv2_x\.0\.body\.1\.conv +Conv2d ", run_command("models", "show", "resnet18", "--full").out, re.M
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["resnet9"], "UsageError: no model is named 'resnet9'; did you mean 'resnet50'"),
        (
            ["resnet18", "--size", "x"],
            "UsageError: --size: expected an image size, got 'x'; for example 28 or 28x32.",
        ),
        (["fashion_cnn", "--size", "4"], "UsageError: images of 4x4 pixels are too small"),
    ],
)
def test_errors_of_show(words: list[str], message: str) -> None:
    assert error_line(run_command("models", "show", *words)).startswith(message)
