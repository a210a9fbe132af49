"""`headrace predict`: where rows come from, what is kept, where the answers go, what is refused."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv, feather
from tests.waiting import wait_until

import headrace as hr

from .commands import PROGRAM, SOURCE, error_line, run_command

MODEL = Path(__file__).parents[1] / "golden" / "models" / "offers.onnx"
ROWS = pa.table(
    {
        "id": ["007", "008", "009"],
        "text": ["it's naïve", "x y", ""],
        "price": [5.25, None, 3.0],
        "note": ['says "hi"', "a,b", None],
    }
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "new.csv"
    csv.write_csv(ROWS, path)
    return path


def answers() -> list[float | None]:
    found = hr.serving.load(MODEL).predict(ROWS).column("sold").to_pylist()
    return [None if value != value else value for value in found]


def parse(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def write_csv_bytes() -> bytes:
    stream = pa.BufferOutputStream()
    csv.write_csv(ROWS, stream)
    return stream.getvalue().to_pybytes()


def write_jsonl(path: Path) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS.to_pylist()))


def write_indented(path: Path) -> None:
    path.write_text(json.dumps(ROWS.to_pylist(), indent=2))


WRITERS: dict[str, Callable[[Path], object]] = {
    "new.csv": lambda path: csv.write_csv(ROWS, path),
    "new.jsonl": write_jsonl,
    "new.json": write_indented,
    "new.csv.gz": lambda path: path.write_bytes(gzip.compress(write_csv_bytes())),
    "new.parquet": lambda path: pq.write_table(ROWS, path),
    "new.arrow": lambda path: feather.write_feather(ROWS, str(path), compression="uncompressed"),
    "new.tfrecord": lambda path: hr.records.write(path, ROWS.cast(ROWS.schema)),
}


@pytest.mark.parametrize("name", WRITERS)
def test_new_rows_in_a_file_answers_out(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / name)
    result = run_command("predict", MODEL, tmp_path / name)
    assert result.code == 0, result.err
    found = parse(result.out)
    expected = answers()
    if name == "new.tfrecord":  # which holds float32
        assert found[0]["sold"] == pytest.approx(expected[0], rel=1e-6)
    else:
        assert [row["sold"] for row in found] == expected


@pytest.mark.parametrize("format_", ["csv", "jsonl", "parquet", "arrow", "tfrecord"])
def test_all_files_of_a_folder_of_shards(format_: str, tmp_path: Path) -> None:
    """A shell names the manifest of the set and the schema of records, too."""
    hr.Dataset.from_arrow(ROWS).write(tmp_path / "rows", format_, 2)
    result = run_command("predict", MODEL, *sorted(tmp_path.iterdir()))
    assert result.code == 0, result.err
    expected = [each if each is None else pytest.approx(each, rel=1e-6) for each in answers()]  # float32
    assert [row["sold"] for row in parse(result.out)] == expected


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "jsonl", "parquet", "arrow"])
def test_out_and_keep(table: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"answers.{suffix}"
    result = run_command("predict", MODEL, table, "--out", out, "--keep", "id,note", "--type", "id=string")
    assert result.code == 0, result.err
    assert result.out == f"3 rows → {out}\n"
    rows = next(iter(hr.Dataset.from_csv(out, types={"id": "string"}))) if "csv" in suffix else None
    if suffix == "jsonl":
        assert parse(out.read_text())[0] == {"id": "007", "note": 'says "hi"', "sold": answers()[0]}
    elif rows is None:
        rows = pq.read_table(out) if suffix == "parquet" else feather.read_table(out)
    if rows is not None:
        assert rows.schema.names == ["id", "note", "sold"]
        assert rows.column("id").to_pylist() == ["007", "008", "009"]
        assert rows.column("note").to_pylist()[:2] == ['says "hi"', "a,b"]
        assert rows.column("sold")[0].as_py() == answers()[0]
    assert [each.name for each in tmp_path.iterdir() if each.name not in ("new.csv", out.name)] == []


def test_an_age_that_is_missing_in_a_one_row_csv_is_a_number_and_its_answer_null(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("price,text\n,hello\n")
    assert run_command("predict", MODEL, path).out == '{"sold": null}\n'


def test_several_inputs_and_standard_input(table: Path, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "b.jsonl")
    one = run_command("predict", MODEL, table).out
    both = run_command("predict", MODEL, table, tmp_path / "b.jsonl", "--keep", "id", "--type", "id=string")
    assert both.code == 0, both.err
    assert [row["sold"] for row in parse(both.out)] == 2 * answers()
    assert [row["id"] for row in parse(both.out)] == 2 * ROWS["id"].to_pylist()
    assert run_command("predict", MODEL, table, "--limit", 2).out == "".join(one.splitlines(True)[:2])


@pytest.mark.parametrize("name", WRITERS)
def test_rows_from_a_pipe(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / name)
    with (tmp_path / name).open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "predict", str(MODEL), "-"], stdin=file, capture_output=True,
            text=True, env={**os.environ, "PYTHONPATH": SOURCE}, check=False, timeout=1200,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = [row["sold"] for row in parse(done.stdout)]
    assert found[2] == pytest.approx(answers()[2], rel=1e-6)
    assert found == answers() or name == "new.tfrecord"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--keep", "ids"), "new.csv: feature 'ids': the file lacks this column; did you mean 'id'?"),
        (("--keep", "id,id"), "--keep: expected distinct names of columns, got 'id'"),
        (("--keep", "id,"), "--keep: expected distinct names of columns, got ''"),
        (("--out", "new.csv"), "the output is one of the inputs; choose another path"),
        (("--out", "new.csv", "--force"), "the output is one of the inputs; choose another path"),
        (("--out", "taken.csv"), "taken.csv: the file already exists; choose another path, or pass --force"),
        (("--out", "absent/a.csv"), "absent/a.csv: "),
        (("--out", "a.txt"), "a.txt: no format has this extension"),
        (("--out", "a.tfrecord"), "a.tfrecord: a file of answers cannot be tfrecord"),
        (("--format", "xml"), "standard output cannot be xml; choose one of jsonl, csv"),
        (("--format", "parquet"), "standard output cannot be parquet; choose one of jsonl, csv"),
        (("--type", "zip=string"), "new.csv: feature 'zip': the file lacks this column"),
        (("absent.csv",), "absent.csv: no such file"),
        (("-", "-"), "standard input is named twice"),
    ],
)
def test_what_is_refused(
    table: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(table.parent)
    Path("taken.csv").write_text("kept\n")
    assert message in error_line(run_command("predict", MODEL, "new.csv", *words))
    assert Path("taken.csv").read_text() == "kept\n"
    assert sorted(each.name for each in table.parent.iterdir()) == ["new.csv", "taken.csv"]


def test_a_kept_column_with_the_name_of_an_output(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,price,sold\nx,1,2\n")
    line = error_line(run_command("predict", MODEL, tmp_path / "a.csv", "--keep", "sold"))
    assert "feature 'sold': the model has an output of this name" in line


def test_a_cell_that_does_not_fit_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,price\n" + "x,1.5\n" * 9000 + "x,cheap\n")
    line = error_line(run_command("predict", MODEL, path, "--out", tmp_path / "b.csv"))
    assert f"{path}, line 9002: feature 'price': expected values of type double" in line
    assert "the model reads float64" in line
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]


def test_a_file_without_rows_has_a_header(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,price,id\n")
    for suffix in ("csv", "parquet", "jsonl"):
        out = tmp_path / f"b.{suffix}"
        result = run_command("predict", MODEL, tmp_path / "a.csv", "--keep", "id", "--out", out)
        assert result.out == f"0 rows → {out}\n", result.err
    assert (tmp_path / "b.csv").read_text() == '"id","sold"\n'
    assert pq.read_schema(tmp_path / "b.parquet").names == ["id", "sold"]
    assert run_command("predict", MODEL, tmp_path / "a.csv").out == ""


def start(*words: object, **options: object) -> subprocess.Popen[bytes]:
    handled = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # in the background too
    )
    command = [sys.executable, "-c", f"{handled}\n{PROGRAM}", "predict", str(MODEL), *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": SOURCE}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, **options)  # pyright: ignore


def test_a_closed_pipe_ends_quietly_and_ctrl_c_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,price\n" + "x,1.5\n" * 2_000_000)
    with start(path, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    with start(path, "--out", tmp_path / "b.csv", stdout=subprocess.PIPE) as process:
        wait_until(lambda: len(list(tmp_path.iterdir())) > 1)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    whole = ["b.csv"] if process.returncode == 0 else []  # it has ended before the signal
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.csv", *whole]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line(table: Path) -> None:
    with Path("/dev/full").open("wb") as full, start(table, stdout=full) as process:
        assert process.stderr is not None
        (line,) = process.stderr.read().splitlines()
    assert process.returncode == 2
    assert b"No space left on device" in line


def test_a_prediction_loads_neither_torch_nor_pandas_nor_pipelines(table: Path) -> None:
    unused = (
        *("torch", "pandas", "pyarrow.dataset", "pyarrow.parquet", "spox", "onnx", "ndonnx", "rich", "PIL"),
        *("headrace.records", "headrace.data.dataset", "headrace.transform", "numpy.ma", "pyarrow.compute"),
        *("headrace.cli.run", "headrace.cli.records", "headrace.data.sources.folders"),
    )
    code = (
        f"import sys; from headrace.cli import main\ntry: main()\nexcept SystemExit: pass\n"
        f"print([name for name in {unused} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "predict", str(MODEL), str(table)],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": SOURCE}, check=True, timeout=1200,
    )  # fmt: skip
    *lines, loaded = done.stdout.splitlines()
    assert len(lines) == 3
    assert loaded == "[]"
