"""The table of `docs/missing-and-invalid.md`: each cell is what one small run gives.

`python -m tests.docs.missing_and_invalid` writes the table into the page.
"""

import json
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import headrace as hr
from headrace import records
from headrace.errors import HeadraceError

PAGE = Path(__file__).parents[2] / "docs" / "missing-and-invalid.md"
ENTRIES = ("CSV", "JSON lines", "Parquet", "records", "arrays", "pandas", "serving")
_START, _END = "<!-- the table -->\n", "<!-- the end of the table -->\n"

# A column `x` by situation: the usual and the other value as CSV text; the other as JSON; both in Python.
Situation = tuple[str, str, str, Any, Any, pa.DataType]
SITUATIONS: Mapping[str, Situation] = {
    "missing number": ("1.5", "", "null", 1.5, None, pa.float64()),
    "missing integer": ("1", "", "null", 1, None, pa.int64()),
    "missing string": ("Bern", "", "null", "Bern", None, pa.string()),
    "NaN": ("1.5", "NaN", "NaN", 1.5, float("nan"), pa.float64()),
    "infinite": ("1.5", "inf", "1e999", 1.5, float("inf"), pa.float64()),
    "out of range: 2**63": ("1", str(2**63), str(2**63), 1, 2**63, pa.int64()),
    "unseen: a word that is not in the vocabulary": ("Bern", "Ulm", '"Ulm"', "Bern", "Ulm", pa.string()),
    "mistyped: text among numbers": ("1.5", "old", '"old"', 1.5, "old", pa.float64()),
    "too large: 2**70": ("1", str(2**70), str(2**70), 1, 2**70, pa.int64()),
}


def _table(usual: Any, other: Any, type_: pa.DataType) -> pa.Table:
    return pa.table({"x": pa.array([usual, usual, other], type_)})


def _read_csv(folder: Path, of: Situation) -> hr.Dataset:
    file = folder / "t.csv"
    file.write_text(f"id,x\n0,{of[0]}\n1,{of[0]}\n2,{of[1]}\n")
    return hr.Dataset.from_csv(file, columns=["x"])


def _read_json(folder: Path, of: Situation) -> hr.Dataset:
    file = folder / "t.jsonl"
    usual = json.dumps(of[3])
    file.write_text("".join(f'{{"x": {each}}}\n' for each in (usual, usual, of[2])))
    return hr.Dataset.from_json_lines(file)


def _read_parquet(folder: Path, of: Situation) -> hr.Dataset:
    pq.write_table(_table(*of[3:]), folder / "t.parquet")
    return hr.Dataset.from_parquet(folder / "t.parquet")


def _read_records(folder: Path, of: Situation) -> hr.Dataset:
    records.write(folder / "t.tfrecord", _table(*of[3:]))
    return hr.Dataset.from_records(folder / "t.tfrecord")


def _read_arrays(_: Path, of: Situation) -> hr.Dataset:
    return hr.Dataset.from_arrays({"x": [of[3], of[3], of[4]]})


def _read_pandas(_: Path, of: Situation) -> hr.Dataset:
    return hr.Dataset.from_pandas(pd.DataFrame({"x": [of[3], of[3], of[4]]}))


READERS: Mapping[str, Callable[[Path, Situation], hr.Dataset]] = {
    "CSV": _read_csv,
    "JSON lines": _read_json,
    "Parquet": _read_parquet,
    "records": _read_records,
    "arrays": _read_arrays,
    "pandas": _read_pandas,
}


def _preprocess(inputs: Any) -> Any:
    if inputs["x"].type.is_string:
        return {"y": hr.transform.compute_and_apply_vocabulary(inputs["x"])}
    return {"y": inputs["x"]}


def _serve(folder: Path, of: Situation) -> str:
    usual = pa.record_batch({"x": pa.array([of[3]], of[5])})
    hr.transform.analyze(_preprocess, [usual]).to_onnx(folder / "model.onnx")
    answer = hr.serving.load(folder / "model.onnx").predict({"x": [of[3], of[4]]})
    return f"`{answer['y'][-1].as_py()}`"


def _run(folder: Path, entry: str, name: str) -> str:
    of = SITUATIONS[name]
    if entry == "serving":
        return _serve(folder, of)
    if name.startswith("unseen"):
        seen = hr.Dataset.from_arrays({"x": [of[3]]})
        rows = READERS[entry](folder, of).map(hr.transform.analyze(_preprocess, seen))
    else:
        rows = READERS[entry](folder, of)
    (*_, last) = rows
    column = last.column(0)
    return f"`{column[-1].as_py()!r}`, {column.type}"


def describe(entry: str, name: str) -> str:
    """Return the text of a cell."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return _run(Path(folder), entry, name)
        except HeadraceError as error:
            what = str(error).replace(folder + "/", "").split("; ")[0]
            return "error: " + re.sub(r"\s+", " ", what).replace("|", "\\|")[:160]
        except (pa.ArrowInvalid, OverflowError, TypeError, pa.ArrowTypeError):
            return "cannot be made"  # by Arrow: no such file or table exists


def make_table() -> str:
    """Return the table as Markdown."""
    lines = ["| | " + " | ".join(ENTRIES) + " |", "|---" * (len(ENTRIES) + 1) + "|"]
    for name in SITUATIONS:
        lines.append(f"| {name} | " + " | ".join(describe(entry, name) for entry in ENTRIES) + " |")
    return "\n".join(lines) + "\n"


def read_table() -> str:
    """Return the table that the page holds."""
    return PAGE.read_text(encoding="utf-8").partition(_START)[2].partition(_END)[0]


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(_START)
    PAGE.write_text(head + _START + make_table() + _END + rest.partition(_END)[2], encoding="utf-8")
