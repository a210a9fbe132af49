"""The pages of `docs/chapter`: their code runs, and computes what they say."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import headrace as hr

PAGES = Path(__file__).parents[2] / "docs" / "chapter"


def read_code(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (PAGES / f"{page}.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the blocks of a page in an empty folder, one after the other, and return its names."""
    monkeypatch.chdir(tmp_path)

    def run_page(page: str) -> dict[str, Any]:
        names: dict[str, Any] = {}
        for block in read_code(page):
            exec(compile(block, f"docs/chapter/{page}.md", "exec"), names)
        return names

    return run_page


def test_every_page_is_tested() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {
        "categories", "filters", "preprocessing", "records", "words",
    }  # fmt: skip


def test_contacts_and_lists_of_lists(run: Any) -> None:
    names = run("records")
    assert names["batch"].to_pylist() == names["contacts"]
    emails = hr.records.decode_example(names["record"])["emails"]
    assert [bytes(each).decode() for each in emails] == names["contacts"][0]["emails"]
    assert names["read"].to_pylist() == names["documents"].to_pylist()


def test_a_category_as_a_one_hot_vector_and_an_embedding(run: Any) -> None:
    names = run("categories")
    hot = names["one_hot"](["INLAND", "ON THE MOON"])
    assert hot.sum(axis=1).tolist() == [1, 1]
    assert names["one_hot"].get_vocabulary()[int(hot[0].argmax())] == "INLAND"
    inland, coast = names["prices"]["prediction"].to_pylist()
    assert 80_000 < inland < 170_000 < coast < 300_000


def test_bags_of_words_and_tf_idf(run: Any) -> None:
    names = run("words")
    vocabulary = names["counts"].get_vocabulary()
    (counted,) = names["counts"](["To be, to be!"])
    assert {word: count for word, count in zip(vocabulary, counted, strict=True) if count} == {
        "to": 2,
        "be": 2,
    }
    (row, *_) = names["documents"].map(names["transform"]).head(3).to_pylist()
    words = names["transform"].vocabularies["words"]
    weights = dict(zip([words[number] for number in row["words"]], row["weight"], strict=True))
    assert weights["to"] == pytest.approx(2 / 6 * (np.log(4 / 3) + 1))
    assert weights["not"] == pytest.approx(1 / 6 * (np.log(4 / 2) + 1))
    assert "to be" in row["pairs"]


def test_one_function_here_on_beam_and_on_spark(run: Any, spark: Any) -> None:
    names = run("preprocessing")
    assert spark.getActiveSession() is spark
    assert names["on_beam"].fingerprint == names["local"].fingerprint
    assert names["on_spark"].fingerprint == names["local"].fingerprint
    expected = names["local"](names["houses"].head(2))["proximity"].to_pylist()
    assert names["answers"]["proximity"].to_pylist() == expected


def test_two_filters_on_two_photographs(run: Any, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    fence, shelves = np.full((60, 80, 3), 30, np.uint8), np.full((62, 80, 3), 30, np.uint8)
    fence[:, 40], shelves[31] = 250, 250
    for name, pixels in (("fence", fence), ("shelves", shelves)):
        (tmp_path / "photos" / f"{name}.png").write_bytes(hr.images.encode_png(pixels))
    maps = run("filters")["maps"]
    assert maps.shape == (2, 2, 60, 80)
    inner = maps[:, :, 10:50, 10:70]
    assert torch.isclose(
        inner.amax((2, 3)), torch.tensor([[250, 30 + 220 / 7], [30 + 220 / 7, 250]]) / 255
    ).all()
    (vertical,) = {tuple(hr.images.decode_image((tmp_path / "vertical.png").read_bytes())[30, 40])}
    assert min(vertical) > 200


def test_the_memory_of_a_layer(run: Any, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for name in "ab":
        (tmp_path / "photos" / f"{name}.png").write_bytes(
            hr.images.encode_png(np.full((8, 8, 3), 9, np.uint8))
        )
    cost = run("filters")["cost"]
    assert cost.parameters == 200 * (3 * 5 * 5 + 1)
    assert cost.macs == 150 * 100 * 200 * 3 * 5 * 5
    assert cost.layers[0].training_bytes == 4 * 150 * 100 * 200
