"""What is found in a table: kinds of columns, the label, and columns that give the answer away."""

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.errors import SchemaError, UsageError
from headrace.inspection import Findings, inspect

ROWS = 400


def look(columns: dict[str, Any], label: str = "y", **options: Any) -> Findings:
    batch = pa.record_batch(columns)
    return inspect([batch], batch.schema, label, **options)


def uses(findings: Findings) -> dict[str, str]:
    return {role.column.name: role.use for role in findings.roles}


def reasons(findings: Findings) -> dict[str, str]:
    return {role.column.name: role.reason for role in findings.roles}


@pytest.fixture
def table() -> dict[str, Any]:
    random = np.random.default_rng(0)
    x = random.normal(size=ROWS)
    y = (x + random.normal(size=ROWS) > 0).astype(int)
    return {"x": x, "z": random.normal(size=ROWS), "y": y}


@pytest.mark.parametrize(
    ("values", "use", "reason"),
    [
        (np.arange(ROWS) + 1, "left out", "numbers the rows"),
        ([f"customer {number:05}" for number in range(ROWS)], "left out", "names the rows"),
        (np.full(ROWS, 3), "left out", "always 3"),
        ([None] * ROWS, "left out", "no row has a value"),
        ([""] * ROWS, "left out", "no row has a value"),
        ([f"photos/{number}.jpg" for number in range(ROWS)], "left out", "names image files"),
        ([[1, 2]] * ROWS, "left out", "of type list"),
        (["a", "b"] * (ROWS // 2), "category", ""),
        ([f"{number % 28 + 1:02}.03.2020" for number in range(ROWS)], "date", ""),
        ([f"2020-03-{number % 28 + 1:02}" for number in range(ROWS)], "date", ""),
        ([f"{number % 100:05}" for number in range(ROWS)], "category", ""),
        ([True, False] * (ROWS // 2), "number", ""),
        ([f"{number / 7:.2f}" if number % 9 else "  " for number in range(ROWS)], "number", "blank cells"),
        ([Decimal(number % 90) / 4 for number in range(ROWS)], "number", "is rounded to 16 digits"),
        ([f"{number / 7:.2f}".replace(".", ",") for number in range(ROWS)], "left out", "such as '0,00'"),
        ([f"${number + 1000:,}.50" for number in range(ROWS)], "left out", "such as '$1,000.50'"),
        ([f"{number % 50 / 10}%" for number in range(ROWS)], "category", "such as '0.0%'"),
        (["the quick brown fox number " + str(number) for number in range(ROWS)], "text", ""),
    ],
)
def test_the_use_of_a_column(table: dict[str, Any], values: Any, use: str, reason: str) -> None:
    findings = look({**table, "more": values})
    assert uses(findings) == {"x": "number", "z": "number", "y": "label", "more": use}
    assert reason in reasons(findings)["more"]


def test_leaking_columns_are_named_with_the_figure(table: dict[str, Any]) -> None:
    y = table["y"]
    random = np.random.default_rng(1)
    findings = look(
        {
            **table,
            "copy": np.where(y == 1, "yes", "no"),
            "cause": np.where(y == 1, random.choice(["a", "b"], ROWS), ""),
            "nearly": y + random.normal(scale=0.1, size=ROWS),
            "days": np.where(y == 1, random.uniform(0, 900, ROWS), random.uniform(800, 1500, ROWS)),
        }
    )
    found = reasons(findings)
    assert {name for name, use in uses(findings).items() if use == "left out"} == {
        "copy",
        "cause",
        "nearly",
        "days",
    }
    assert found["copy"] == "gives the answer away: each value stands for one value of y"
    assert found["cause"].startswith("gives the answer away: AUC 1.000 on its own")
    assert "AUC 0.9" in found["days"]


def test_a_copy_of_a_number_gives_the_answer_away(table: dict[str, Any]) -> None:
    price = np.exp(table["z"])
    findings = look({**table, "price": price, "euros": 0.9 * price + 1}, "price")
    assert findings.label.kind == "number"
    assert reasons(findings)["euros"].startswith("gives the answer away: ")


def test_strong_columns_that_others_share_are_kept() -> None:
    random = np.random.default_rng(0)
    size = random.normal(size=ROWS)
    y = (size + 0.3 * random.normal(size=ROWS) > 0).astype(int)
    columns = {"radius": size, "area": size + 0.1 * random.normal(size=ROWS), "y": y}
    assert uses(look(columns)) == {"radius": "number", "area": "number", "y": "label"}


def test_the_only_column_is_kept_whatever_it_says(table: dict[str, Any]) -> None:
    findings = look({"x": table["x"], "y": (table["x"] > 0).astype(int)})
    assert uses(findings)["x"] == "number"
    assert "kept, as nothing else is left" in reasons(findings)["x"]


def test_a_column_can_be_kept_or_dropped(table: dict[str, Any]) -> None:
    findings = look({**table, "copy": table["y"]}, keep=["copy"], drop=["z"])
    assert uses(findings) == {"x": "number", "z": "left out", "y": "label", "copy": "number"}


@pytest.mark.parametrize(
    ("values", "kind", "classes"),
    [
        ([0, 1], "classes", (0, 1)),
        ([1.0, 2.0, None, 3.0], "classes", (1, 2, 3)),
        ([True, False], "classes", (False, True)),
        (["b", "a", "NA", ""], "classes", ("a", "b")),
        ([0.5, 1.5], "number", ()),
    ],
)
def test_the_kind_of_a_label(values: list[Any], kind: str, classes: tuple[Any, ...]) -> None:
    repeated = values * (ROWS // len(values))
    label = look({"x": np.random.default_rng(0).normal(size=len(repeated)), "y": repeated}).label
    assert (label.kind, tuple(label.counts)) == (kind, classes)
    assert label.missing == sum(value in (None, "", "NA") for value in repeated)


def test_many_distinct_whole_numbers_are_a_number() -> None:
    assert look({"x": np.ones(ROWS), "z": np.arange(ROWS) % 7, "y": np.arange(ROWS)}).label.kind == "number"


def test_errors_name_the_column_and_what_to_do(table: dict[str, Any]) -> None:
    with pytest.raises(SchemaError, match=r"'lable': the data lacks this column; did you mean 'label'"):
        look({"label": [1], "x": [2]}, "lable")
    with pytest.raises(SchemaError, match="every row has the label 1"):
        look({**table, "one": np.ones(ROWS, int)}, "one", label_kind="classes")
    with pytest.raises(SchemaError, match="no row has a label"):
        look({**table, "none": [""] * ROWS}, "none")
    with pytest.raises(SchemaError, match="expected classes that repeat, got 400 distinct labels of 400"):
        look({**table, "id": [f"id{number}" for number in range(ROWS)]}, "id")
    with pytest.raises(SchemaError, match=r"got list<item: string>; .* docs/jobs/several-labels\.md"):
        look({**table, "tags": [["a", "b"]] * ROWS}, "tags")
    with pytest.raises(UsageError, match="expected at least 10 rows with a label, got 4"):
        look({"x": [1.0, 2.0, 3.0, 4.0], "y": [0, 1, 0, 1]}, label_kind="classes")


@pytest.mark.parametrize("label", [np.full(ROWS, 3.5), np.full(ROWS, np.inf)])
def test_a_number_that_is_always_the_same_is_not_a_label(table: dict[str, Any], label: Any) -> None:
    with pytest.raises(SchemaError, match=r"'y': (every row has the label 3.5|no label is finite)"):
        look({**table, "y": label}, label_kind="number")


def test_a_table_without_a_usable_column_is_refused_with_the_reasons(table: dict[str, Any]) -> None:
    rows = {"id": np.arange(ROWS), "y": table["y"]}
    with pytest.raises(
        SchemaError, match=r"no column is left to predict the label from \(id: numbers the rows"
    ):
        look(rows)
    with pytest.raises(SchemaError, match="no column is left to predict the label from; add columns"):
        look({"y": table["y"]})
    kept = look(rows, keep=["id"])
    assert uses(kept) == {"id": "number", "y": "label"}
    assert reasons(kept)["id"] == "numbers the rows; kept, as you asked"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"time_column": "x", "group": "z"},
            "expected one column to split by, got time_column 'x' and group 'z'",
        ),
        ({"group": "y"}, "group: 'y' is the label; choose another column"),
        ({"time_column": "y"}, "time_column: 'y' is the label; choose another column"),
        ({"group": "two"}, "group: expected at least 6 groups in 'two', got 2"),
    ],
)
def test_a_split_is_by_one_column_of_several_values(
    table: dict[str, Any], options: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        look({**table, "two": [0, 1] * (ROWS // 2)}, **options)


def test_a_column_that_cannot_be_kept_is_named(table: dict[str, Any]) -> None:
    with pytest.raises(SchemaError, match="'same': the column cannot be kept: always 3"):
        look({**table, "same": np.full(ROWS, 3)}, keep=["same"])


def test_a_large_table_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headrace.inspection.sample._MOST_ROWS", 2000)
    random = np.random.default_rng(0)
    batches = [
        pa.record_batch(
            {
                "x": random.normal(size=1000),
                "y": random.integers(0, 2, 1000),
                "n": np.arange(1000) + 1000 * place,
            }
        )
        for place in range(12)
    ]
    findings = inspect(batches, batches[0].schema, "y")
    assert findings.rows == 12_000
    assert findings.label.rows == 12_000
    assert uses(findings)["n"] == "left out"


def test_a_class_that_the_sample_misses_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headrace.inspection.sample._MOST_ROWS", 1000)
    random = np.random.default_rng(0)
    words = [["a", "b"] * 500 for _ in range(12)]
    words[7][3] = "c"
    batches = [pa.record_batch({"x": random.normal(size=1000), "y": each}) for each in words]
    assert inspect(batches, batches[0].schema, "y").label.counts == {"a": 6000, "b": 5999, "c": 1}
