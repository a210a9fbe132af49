from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import headrace as hr
from headrace.datasets.prepared import write_folder
from headrace.datasets.user_builders import _builders

from ..commands import error_line, run_command

GOLDEN = Path(__file__).parents[2] / "golden" / "prepared"


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    _builders.clear()


def test_images_are_drawn_with_the_names_of_their_classes(tmp_path) -> None:
    result = run_command("datasets", "show", "fashion_mnist", "--split", "test", "-n", 2)
    assert result.code == 0
    assert "28×28 uint8, 0 to 255" in result.out
    assert "T-shirt/top 10%, Trouser 10%" in result.out
    assert result.out.endswith("48 images → fashion_mnist.png\n")
    picture = Image.open(tmp_path / "fashion_mnist.png")
    assert picture.size == (1200, 1056)
    assert len(np.unique(np.asarray(picture.convert("L")))) > 200
    assert "already exists" in error_line(run_command("datasets", "show", "fashion_mnist"))


def test_tables_are_drawn_as_histograms(tmp_path) -> None:
    result = run_command("datasets", "show", "housing", "--image", tmp_path / "houses.png")
    assert result.out.endswith(f"10 histograms → {tmp_path / 'houses.png'}\n")
    assert "median_house_value        –  14,999 ▁▂▆" in result.out
    assert "<1H OCEAN 44%, INLAND 31%" in result.out
    assert Image.open(tmp_path / "houses.png").size[0] > 1500


@pytest.mark.parametrize(
    ("name", "picture"), [("houses", "houses.png"), ("elsewhere/houses", "housing.png"), (".", "housing.png")]
)
def test_the_picture_has_the_name_that_was_asked_for(tmp_path, monkeypatch, name, picture) -> None:
    monkeypatch.setenv("HEADRACE_DATA_DIR", str(tmp_path / "data"))
    card = hr.datasets.info("housing")
    rows = hr.datasets.load("housing", "test[:9]", columns=["median_house_value"])
    folder = write_folder(tmp_path / "elsewhere" / "houses", card, {"train": rows})
    hr.datasets.add("houses", folder)
    monkeypatch.chdir(folder if name == "." else tmp_path)
    assert run_command("datasets", "show", name).out.endswith(f"1 histogram → {picture}\n")


def test_texts_are_shown_by_their_words_and_classes() -> None:
    out = run_command("datasets", "show", "movie_reviews").out
    assert "text (words)" in out
    assert "neg 50%, pos 50%" in out


@pytest.mark.parametrize(
    ("name", "drawn"), [("video", "6 images"), ("image_list", "6 images"), ("image_uint16", "3 images")]
)
def test_films_lists_of_images_and_deep_pixels_are_drawn(name, drawn) -> None:
    assert run_command("datasets", "show", GOLDEN / name).out.endswith(f"{drawn} → {name}.png\n")


CODE = """
import headrace as hr


@hr.datasets.builder(label="kind", class_names="abc", splits=["train"])
def mine(split, folder):
    return hr.Dataset.from_arrays({"x": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0], "kind": [0, 1, 1, 2, 1, 1]})
"""


def test_a_dataset_of_the_user_is_shown(tmp_path) -> None:
    (tmp_path / "recipe.py").write_text(CODE)
    out = run_command("datasets", "show", "mine", "--code", "recipe.py").out
    assert "a 17%, b 67%, c 17%" in out
    assert (tmp_path / "mine.png").exists()
    assert "mine  " in run_command("datasets", "list", "--code", "recipe.py").out
    (tmp_path / "recipe.py").write_text("1 / 0")
    line = error_line(run_command("datasets", "verify", "mine", "--code", "recipe.py"))
    assert "recipe.py, line 1: ZeroDivisionError: division by zero" in line
