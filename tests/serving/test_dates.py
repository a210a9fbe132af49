"""A model of dates answers the same for a date in any form."""

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import onnxruntime
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

import headrace as hr
from headrace.columns import MISSING_DATE, TIMESTAMP
from headrace.deploy import Regressor, export, verify
from headrace.errors import SchemaError
from headrace.serving import Input, Predictor, load

from ..cli.commands import run_command

MOMENT = dt.datetime(2024, 2, 29, 23, 30, 15, 123_456)
ZONED = MOMENT.replace(tzinfo=dt.UTC)
DATES = Input("sold", "timestamp[us]", (), ("sold",))


def preprocess(x: Any) -> dict[str, Any]:
    sold = x["sold"]
    return {
        "x": hr.transform.concatenate([
            hr.transform.date_part(sold, "month", missing=0),
            hr.transform.date_part(sold, "weekday", missing=7),
            hr.transform.date_part(sold, "hour", missing=-1),
            hr.transform.fill_missing(hr.transform.elapsed(sold, since="2020-01-01", unit="years"), 0.0),
        ])
    }  # fmt: skip


class Sales:
    """A model of a date column, trained on timestamps."""

    def __init__(self, folder: Path) -> None:
        moments = [MOMENT + dt.timedelta(hours=977 * n) for n in range(-60, 60)]
        self.data = pa.table({"sold": pa.array([*moments, None], pa.timestamp("us"))})
        self.transform = hr.transform.analyze(preprocess, self.data.to_batches())
        torch.manual_seed(0)
        self.network = torch.nn.Sequential(torch.nn.Linear(4, 1))
        self.path = export(
            folder / "sales.onnx",
            transform=self.transform,
            model=self.network,
            head=Regressor("price"),
            data=self.data,
        )
        self.predictor = load(self.path)

    def answer(self, data: Any) -> list[float]:
        return self.predictor.predict(data)["price"].to_pylist()


@pytest.fixture(scope="module")
def sales(tmp_path_factory: pytest.TempPathFactory) -> Sales:
    return Sales(tmp_path_factory.mktemp("sales"))


FORMS: dict[str, Any] = {
    "datetime": {"sold": MOMENT},
    "datetime in UTC": {"sold": ZONED},
    "datetime with a zone": {"sold": ZONED.astimezone(ZoneInfo("Asia/Kolkata"))},
    "ISO string": {"sold": "2024-02-29T23:30:15.123456"},
    "ISO string with Z": {"sold": "2024-02-29T23:30:15.123456Z"},
    "ISO string with an offset": {"sold": "2024-03-01 05:00:15.123456+05:30"},
    "list of rows": [{"sold": ZONED}],
    "column": {"sold": [MOMENT]},
    "pandas Timestamp": {"sold": pd.Timestamp(MOMENT)},
    "pandas Timestamp with a zone": {"sold": pd.Timestamp(ZONED).tz_convert("America/New_York")},
    "pandas frame": pd.DataFrame({"sold": [MOMENT]}),
    "pandas frame with a zone": pd.DataFrame({"sold": [pd.Timestamp(ZONED).tz_convert("Europe/Paris")]}),
    "pandas frame of strings": pd.DataFrame({"sold": ["2024-02-29T23:30:15.123456"]}),
    "Polars frame": pl.DataFrame({"sold": [MOMENT]}),
    "NumPy us": {"sold": np.array([MOMENT], "datetime64[us]")},
    "NumPy ns": {"sold": np.array([MOMENT], "datetime64[ns]")},
    "NumPy scalar": {"sold": np.datetime64(MOMENT)},
    "Arrow table": pa.table({"sold": pa.array([MOMENT], pa.timestamp("ns"))}),
    "Arrow with a zone": pa.table({"sold": pa.array([ZONED], pa.timestamp("us", "Asia/Tokyo"))}),
    "Arrow dictionary": pa.table({"sold": pa.array([MOMENT]).dictionary_encode()}),
    "Arrow large strings": pa.table({"sold": pa.array(["2024-02-29 23:30:15.123456"], pa.large_string())}),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_date_in_any_form_has_the_same_answer(sales: Sales, form: str) -> None:
    expected = sales.answer(pa.table({"sold": pa.array([MOMENT], pa.timestamp("us"))}))
    assert sales.answer(FORMS[form]) == expected


@pytest.mark.parametrize("value", [
    dt.date(2024, 2, 29), dt.datetime(2024, 2, 29), "2024-02-29", "20240229", " 2024-02-29T00:00Z ",
    np.datetime64("2024-02-29"), np.datetime64("2024-02-29", "s"), pd.Timestamp("2024-02-29"),
])  # fmt: skip
def test_a_day_in_any_form_has_the_same_answer(sales: Sales, value: Any) -> None:
    expected = sales.answer(pa.table({"sold": pa.array([dt.date(2024, 2, 29)], pa.date32())}))
    assert sales.answer({"sold": value}) == expected
    assert sales.answer([{"sold": value}]) == expected


@pytest.mark.parametrize("value", [
    None, "", pd.NaT, np.datetime64("NaT"), float("nan"), pa.table({"sold": pa.nulls(1)}),
    pd.DataFrame({"sold": [pd.NaT]}), pd.DataFrame({"sold": [np.nan]}), pl.DataFrame({"sold": [None]}),
])  # fmt: skip
def test_a_missing_date_in_any_form_has_the_same_answer(sales: Sales, value: Any) -> None:
    expected = sales.answer(pa.table({"sold": pa.array([None], pa.timestamp("us"))}))
    data = {"sold": value} if not hasattr(value, "columns") else value
    assert sales.answer(data) == expected


def test_files_of_dates_have_the_answers_of_python(sales: Sales, tmp_path: Path) -> None:
    moments = [MOMENT, None, MOMENT.replace(hour=5)]
    texts = [each and each.isoformat() for each in moments]
    expected = sales.answer({"sold": moments})
    with (tmp_path / "rows.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "sold"], *([str(n), text or ""] for n, text in enumerate(texts))])
    lines = "".join(json.dumps({"sold": text}) + "\n" for text in texts)
    (tmp_path / "rows.jsonl").write_text(lines)
    pq.write_table(pa.table({"sold": pa.array(moments, pa.timestamp("ms"))}), tmp_path / "ms.parquet")
    pq.write_table(pa.table({"sold": pa.array(moments, pa.timestamp("us", "UTC"))}), tmp_path / "us.parquet")
    for name in ("rows.csv", "rows.jsonl", "us.parquet"):
        result = run_command("predict", sales.path, tmp_path / name)
        assert result.code == 0, result.err
        assert [json.loads(line)["price"] for line in result.out.splitlines()] == pytest.approx(expected)
    assert sales.answer(pq.read_table(tmp_path / "us.parquet")) == expected


def test_days_without_dashes_in_a_csv_file_are_not_numbers(sales: Sales, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("sold\n20240229\n")
    result = run_command("predict", sales.path, tmp_path / "rows.csv")
    assert result.code == 0, result.err
    assert [json.loads(result.out)["price"]] == pytest.approx(sales.answer({"sold": "2024-02-29"}))


@pytest.mark.parametrize(("data", "message"), [
    ({"sold": "2024-02-30"}, "record 0: feature 'sold': expected a date, got '2024-02-30'; write ISO 8601"),
    ({"sold": ["2024-02-29", "", "abc"]}, "record 2: feature 'sold': expected a date, got 'abc'"),
    ({"sold": 1_709_211_600}, "feature 'sold': expected dates, got numbers .int64. without a unit"),
    ({"sold": 1709211600.5}, "feature 'sold': expected dates, got numbers .double. without a unit"),
    ({"sold": True}, "feature 'sold': expected dates, got bool"),
    ({"sold": dt.timedelta(1)}, "feature 'sold': expected .*dates, got Arrow type duration"),
    ({"sold": np.array(["12000-01-01"], "datetime64[s]")}, "expected dates of the years 1 to 9999"),
    ({"sold": [[MOMENT]]}, "expected one value per row, got a list per row"),
])  # fmt: skip
def test_what_is_not_a_date_is_refused_in_one_line(sales: Sales, data: Any, message: str) -> None:
    with pytest.raises(hr.SchemaError, match=message) as caught:
        sales.answer(data)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_the_signature_says_what_the_tensor_of_a_date_holds(sales: Sales) -> None:
    signature = sales.predictor.signature
    assert signature is not None
    (column,) = signature.inputs
    assert (column.type, column.unit) == ("timestamp[us]", "microseconds since 1970-01-01 00:00 UTC")
    assert column.minimum == int(np.datetime64(sales.data["sold"][0].as_py(), "us").astype(np.int64))
    assert column.maximum == int(np.datetime64(sales.data["sold"][-2].as_py(), "us").astype(np.int64))
    assert sales.answer({"sold": column.example}) == sales.answer({"sold": sales.data["sold"][0].as_py()})


def test_plain_onnxruntime_takes_microseconds_and_nat(sales: Sales) -> None:
    session = onnxruntime.InferenceSession(sales.path)
    moments = np.array([MOMENT, "NaT"], "datetime64[us]")
    (found,) = session.run(None, {"sold": moments.astype(np.int64)})
    assert found.tolist() == sales.answer({"sold": moments})
    assert moments.astype(np.int64)[1] == MISSING_DATE


def test_a_model_of_dates_verifies(sales: Sales) -> None:
    verdict = verify(
        sales.path,
        sales.data.to_batches(),
        transform=sales.transform,
        model=sales.network,
        head=Regressor("price"),
    )
    assert verdict.passed
    assert verdict.rows == 121


def test_lists_of_dates_are_fed(echo: Any) -> None:
    days = Input("days", "timestamp[us]", (None,), ("days.values", "days.row_splits"))
    pair = Input("pair", "timestamp[us]", (2,), ("pair",))
    predictor: Predictor = echo(days, pair)
    found = predictor.run({"days": ["1970-01-02", None], "pair": [dt.date(1970, 1, 1), dt.date(1970, 1, 2)]})
    assert found["days.values.out"].tolist() == [86_400_000_000, MISSING_DATE]
    assert found["days.row_splits.out"].tolist() == [0, 2]
    assert found["pair.out"].tolist() == [[0, 86_400_000_000]]


def test_a_default_of_the_signature_fills_a_missing_date(echo: Any) -> None:
    column = Input("sold", "timestamp[us]", (), ("sold",), optional=True, default="1970-01-02")
    found = echo(column).run([{"sold": None}, {"sold": "1970-01-01"}])
    assert found["sold.out"].tolist() == [86_400_000_000, 0]


def test_half_of_a_surrogate_pair_is_not_a_date(echo: Any) -> None:
    with pytest.raises(SchemaError, match=r"feature 'day': .*half of a surrogate pair"):
        echo(Input("day", TIMESTAMP, (), ("day",))).predict({"day": "2024-02-2\ud800"})
