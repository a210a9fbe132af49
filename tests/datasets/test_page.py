"""The examples of docs/datasets.md run."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "datasets.md"


def test_the_examples_run(capsys) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    *blocks, prepared = blocks
    assert len(blocks) == 2
    assert "tensorflow_datasets/mnist" in prepared  # not here: see test_prepared.py
    for block in blocks:
        exec(block, {})
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "['fashion_mnist', 'housing', 'movie_reviews']",
        *2 * ["13209 3303"],
        *3 * ["13210 3302"],
    ]
