"""`docs/tasks.md`: its examples run, and its table of metrics is complete."""

import re
from pathlib import Path
from typing import Any

import pytest

from headrace.training import metrics

PAGE = Path(__file__).parents[2] / "docs" / "tasks.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "tasks"}
    for program in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(program, str(PAGE), "exec"), names)
    assert 0 < names["result"].head.threshold < 1


def test_the_table_lists_every_metric() -> None:
    for line, known in (
        ("classes", metrics.CLASS_METRICS),
        ("several labels", metrics.LABEL_METRICS),
        ("numbers", metrics.NUMBER_METRICS),
        ("quantiles", metrics.QUANTILE_METRICS),
    ):
        (row,) = re.findall(rf"^\| {line} \| (`.*)\|$", TEXT, re.MULTILINE)
        assert set(re.findall(r"`(\w+)`", row)) == set(known)
