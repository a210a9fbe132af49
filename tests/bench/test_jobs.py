"""The bars of `python -m bench.jobs`, and what it hands to scikit-learn; the jobs themselves take minutes."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest


def compare(ours: list[float], linear: list[float], boosting: list[float], *, is_number: bool = False):
    scores = [
        {"ours": each, "linear": first, "boosting": second}
        for each, first, second in zip(ours, linear, boosting, strict=True)
    ]
    return import_module("bench.jobs.verdict").Comparison("table", is_number, scores)


def test_area_is_compared_in_points_and_error_in_per_cent() -> None:
    assert compare([0.8], [0.81], [0.7]).describe("linear") == "-1.00 ± 0.00 pt"
    assert compare([110.0], [100.0], [120.0], is_number=True).describe("linear") == "-10.00 ± 0.00 %"


@pytest.mark.parametrize(
    ("ours", "holds"), [([0.80, 0.81, 0.82], True), ([0.79, 0.80, 0.81], False), ([0.76, 0.84, 0.80], True)]
)
def test_the_linear_model_may_lead_by_one_standard_error(ours: list[float], holds: bool) -> None:
    assert compare(ours, [0.80, 0.81, 0.82], [0.7, 0.7, 0.7]).holds_against_linear is holds


@pytest.mark.parametrize(("ours", "close"), [(104.0, True), (106.0, False)])
def test_the_better_peer_may_lead_by_five_per_cent_of_its_error(ours: float, close: bool) -> None:
    comparison = compare([ours] * 3, [120.0] * 3, [100.0] * 3, is_number=True)
    assert comparison.better == "boosting"
    assert comparison.is_close_to_better is close
    assert import_module("bench.jobs.verdict").count_close([comparison] * 8) == (8 * close, 5)


def test_each_seed_orders_the_same_allowed_rows_differently(tmp_path: Path) -> None:
    table = import_module("bench.jobs.tables").Table("t", "t.csv", "y", without=("futime",))
    rows = [f"{number},007,NA,{number % 2}" for number in range(30)]
    (tmp_path / "t.csv").write_text("\n".join(["futime,a,b,y", *rows]) + "\n")
    written = []
    for seed in (0, 1):
        table.write(tmp_path, tmp_path / "out.csv", seed)
        written.append((tmp_path / "out.csv").read_text().splitlines())
    assert written[0][0] == "a,b,y"
    assert written[0] != written[1]
    assert sorted(written[0]) == sorted(written[1]) == sorted(["a,b,y", *(row[-8:] for row in rows)])
