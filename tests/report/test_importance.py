"""Permutation importance: seeded, in a stated number of rows and repeats, and never for long."""

from itertools import count

import numpy as np
import pyarrow as pa
import pytest

from headrace.report import Importance, importance, measure_importance

ROWS = pa.table({"strong": np.arange(50.0), "weak": np.arange(50.0), "unused": np.arange(50.0)})


def squared_error(rows: pa.Table) -> float:
    strong, weak = rows["strong"].to_numpy(), rows["weak"].to_numpy()
    return float(((np.arange(50.0) * 11 - 10 * strong - weak) ** 2).mean())


def test_columns_are_ordered_by_what_shuffling_them_costs() -> None:
    found = measure_importance(ROWS, ROWS.column_names, squared_error)
    assert isinstance(found, Importance)
    assert [each.column for each in found.columns] == ["strong", "weak", "unused"]
    assert found.columns[0].increase > 50 * found.columns[1].increase
    assert (found.columns[2].increase, found.columns[2].deviation) == (0.0, 0.0)
    assert (found.rows, found.repeats, found.loss) == (50, 3, 0.0)
    assert found == measure_importance(ROWS, ROWS.column_names, squared_error)
    assert found != measure_importance(ROWS, ROWS.column_names, squared_error, seed=1)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds of CPU time between any two looks at the clock."""
    seconds = count(0.0, 2.0)
    monkeypatch.setattr(importance, "process_time", lambda: next(seconds))


def test_what_is_not_measured_says_why() -> None:
    many = [f"c{n}" for n in range(201)]
    assert measure_importance(ROWS, many, squared_error) == "not measured: 201 columns, more than 200"
    assert (
        measure_importance(ROWS, ["weak"], squared_error) == "not measured: the model reads a single column"
    )
    few = measure_importance(ROWS.slice(0, 1), ROWS.column_names, squared_error)
    assert few == "not measured: fewer than two test rows"
    long = measure_importance(ROWS, ROWS.column_names, squared_error, most_seconds=17.0)
    assert long == "not measured: it would take about 18 seconds, more than 17"


def test_columns_of_strings_and_missing_values_are_shuffled_as_they_are() -> None:
    table = pa.table({"word": ["a", None, "b"], "other": [1, 2, None]})
    seen: list[pa.Table] = []

    def note(rows: pa.Table) -> float:
        seen.append(rows)
        return 0.0

    measure_importance(table, ["word", "other"], note, repeats=1)
    assert all(rows.schema == table.schema for rows in seen)
    assert sorted(seen[1]["word"].to_pylist(), key=str) == sorted(table["word"].to_pylist(), key=str)
