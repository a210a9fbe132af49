"""`headrace init`: from a raw table to a recipe that runs as it is, down to a verified file."""

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.cli.commands import run_command, run_process

import headrace as hr
from headrace.recipes import find_recipe

RAW = 120


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    """A table with the columns that real ones have: missing cells, dates, ids, a copy of the label."""
    random = np.random.default_rng(0)
    lines = ["id,age,sex,in.study,visited,death,outcome"]
    for number in range(RAW):
        age = random.integers(20, 90)
        death = int(age + random.normal(scale=15) > 60)
        cells = [f"P{number:04}x", age if number % 9 else "", "MF"[number % 2], bool(number % 3)]
        lines.append(
            ",".join(map(str, [*cells, f"{number % 28 + 1}/5/2020", death, ["alive", "dead"][death]]))
        )
    path = tmp_path / "patients.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def check_format(path: Path) -> None:
    for command in (["check"], ["format", "--check"]):
        words = [sys.executable, "-m", "ruff", *command, "--isolated", str(path)]
        done = subprocess.run(words, capture_output=True, encoding="utf-8", cwd=path.parent, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_init_then_run_without_an_edit(patients: Path) -> None:
    folder = patients.parent
    found = run_process("init", "patients.csv", "--label", "death", cwd=folder, columns=200)
    assert found.code == 0, found.err
    assert "outcome: gives the answer away: each value stands for one value of death" in found.out
    assert "id: names the rows" in found.out
    assert "next: headrace run patients.py" in found.out
    check_format(folder / "patients.py")
    done = run_process("run", "patients.py", "--epochs", "1", cwd=folder)
    assert done.code == 0, done.err
    assert "no skew" in done.out
    predictor = hr.serving.load(folder / "runs/patients/model.onnx")
    row = {"age": None, "sex": "F", "in.study": True, "visited": "29/2/2020"}
    assert predictor.run([row])["label"][0] in ("0", "1")


def test_init_in_python_returns_what_was_found(patients: Path) -> None:
    out = patients.parent / "ours.py"
    draft = hr.recipes.init(patients, label="death", time_column="visited", out=out)
    assert draft.path == out
    assert {role.column.name for role in draft.findings.roles if role.use == "left out"} == {"id", "outcome"}
    assert 'by="split_by"' in out.read_text()
    assert find_recipe(str(out)).label == "death"


def test_an_existing_file_is_kept_unless_forced(patients: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(patients.parent)
    Path("patients.py").write_text("mine")
    refused = run_command("init", "patients.csv", "--label", "death")
    assert refused.code == 2
    assert "patients.py: the file exists already" in refused.err
    assert Path("patients.py").read_text() == "mine"
    assert run_command("init", "patients.csv", "--label", "death", "--force").code == 0


def test_an_unknown_label_is_one_line_with_a_suggestion(patients: Path) -> None:
    refused = run_command("init", str(patients), "--label", "deth", "--out", patients.parent / "x.py")
    assert refused.code == 2
    assert "did you mean 'death'?" in refused.err


def read_parts(recipe: Path) -> tuple[list[dict], list[dict], list[dict]]:
    splits = find_recipe(str(recipe)).load(None)
    assert splits.validation is not None
    return tuple(
        [row for batch in part for row in batch.to_pylist()]
        for part in (splits.train, splits.validation, splits.test)
    )


def write_table(folder: Path, **columns: Sequence[object]) -> Path:
    path = folder / "table.csv"
    rows = zip(*columns.values(), strict=True)
    path.write_text("\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def draft(path: Path, label: str = "y", **options: object) -> Path:
    recipe = hr.recipes.init(path, label=label, out=path.with_suffix(".py"), force=True, **options).path
    check_format(recipe)
    return recipe


def analyze(recipe: Path) -> hr.Transform:
    found = find_recipe(str(recipe))
    return hr.transform.analyze(found.preprocess, found.load(None).train)


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d/%m/%Y"])
def test_a_time_split_holds_out_the_last_rows_also_of_dates_that_do_not_sort_as_text(
    tmp_path: Path, form: str
) -> None:
    days = [(datetime(2020, 1, 1) + timedelta(days=7 * place % 365)).strftime(form) for place in range(100)]
    table = write_table(tmp_path, day=days, x=range(100), y=[0, 1] * 50)
    train, validation, test = (
        [datetime.strptime(row["day"], form) for row in part]
        for part in read_parts(draft(table, time_column="day", keep=["x"]))
    )
    assert max(train) <= min(validation) <= max(validation) <= min(test)
    assert len(test) == 20


def test_a_group_split_keeps_groups_together(tmp_path: Path) -> None:
    table = write_table(
        tmp_path, who=[f"p{place % 12}" for place in range(120)], x=[*range(60)] * 2, y=[0, 1] * 60
    )
    parts = [{row["who"] for row in part} for part in read_parts(draft(table, group="who"))]
    assert sum(map(len, parts)) == 12


@pytest.mark.parametrize("missing", ["", "NA"])
@pytest.mark.parametrize("present", [("no", "yes"), ("0", "1"), ("True", "False"), ("1.5", "2.25")])
def test_rows_without_a_label_are_left_out(tmp_path: Path, missing: str, present: tuple[str, str]) -> None:
    labels = [missing if place % 10 == 0 else present[place % 2] for place in range(100)]
    recipe = draft(write_table(tmp_path, x=[place % 7 for place in range(100)], y=labels))
    assert "Rows without a label are left out: 10 of 100." in recipe.read_text()
    assert sum(map(len, read_parts(recipe))) == 90
    assert "y" in analyze(recipe).output_types


def test_awkward_names_of_columns(tmp_path: Path) -> None:
    names = ["a b", "it's", "self", "class", "label", "probabilities", "a.b", "numbers", "ünï", "a/b"]
    columns: dict[str, Sequence[object]] = {name: [f"w{place % 3}" for place in range(60)] for name in names}
    transform = analyze(draft(write_table(tmp_path, **columns, y=[0, 1] * 30)))
    assert set(transform.output_types) == {*names, "y"} - {"self", "label", "probabilities"} | {
        "self_",
        "label_",
        "probabilities_",
    }


def test_numbers_among_words_and_infinities_are_read_as_numbers(tmp_path: Path) -> None:
    x = ["?" if place % 10 == 0 else f"{place}.5" for place in range(60)]
    z = ["inf" if place % 10 == 1 else f"{place % 7}.25" for place in range(60)]
    recipe = draft(write_table(tmp_path, x=x, z=z, y=[0, 1] * 30))
    rows = [row for part in read_parts(recipe) for row in part]
    assert sum(row["x"] is None for row in rows) == sum(row["z"] is None for row in rows) == 6
    assert "holds the words '?', which count as missing" in recipe.read_text()


def test_the_exported_model_answers_the_raw_cells_that_the_recipe_reads_as_numbers(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    raw = {
        "word": ["?" if place % 7 == 0 else f"{random.normal():.3f}" for place in range(60)],
        "blank": [" " if place % 6 == 0 else f"{random.normal():.3f}" for place in range(60)],
        "boolean": [None if place % 5 == 0 else bool(place % 2) for place in range(60)],
        "infinite": [np.inf if place % 9 == 0 else float(random.normal()) for place in range(60)],
        "large": [int(random.integers(2**55, 2**60)) for _ in range(60)],
        "decimal": [Decimal(int(random.integers(0, 1000))) / 8 for _ in range(60)],
        "y": [Decimal(int(random.integers(0, 1000))) / 8 for _ in range(60)],
    }
    table = pa.table(raw)
    pq.write_table(table, tmp_path / "table.parquet")
    recipe = find_recipe(str(draft(tmp_path / "table.parquet")))
    train = recipe.load(None).train
    transform = hr.transform.analyze(recipe.preprocess, train)
    network, serving = recipe.build_model(transform, None), transform.without("y")
    path = tmp_path / "model.onnx"
    hr.deploy.export(path, transform=serving, model=network, head=recipe.head, data=train)
    predictor = hr.serving.load(path)
    encodings = {each.name: each.encoding for each in predictor.columns}
    assert encodings == {**dict.fromkeys(raw.keys() - {"y"}, "number"), "boolean": "boolean"}

    read = pa.Table.from_batches(
        recipe.load(None).train
    )  # the raw rows are found by a column without repeats
    places = [[float(str(each)) for each in raw["large"]].index(each) for each in read["large"].to_pylist()]
    wanted = predictor.run(read)["y"].tolist()
    some = table.take(places)
    some.to_pandas().to_csv(tmp_path / "rows.csv", index=False)
    lines = [json.dumps(row, default=float) for row in some.to_pylist()]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines).replace("Infinity", "null"))
    for form in (some, some.to_pandas(), some.to_pylist()):
        assert predictor.run(form)["y"].tolist() == wanted
    for name in ("rows.csv", "rows.jsonl"):
        done = run_command("predict", predictor.path, tmp_path / name, "--out", tmp_path / "y.csv", "--force")
        assert done.code == 0, done.err
        found = next(iter(hr.Dataset.from_csv(tmp_path / "y.csv")))["y"].to_pylist()
        assert found == pytest.approx(wanted, rel=1e-6)


def test_zip_codes_keep_their_zeros_and_many_categories_share_a_place(tmp_path: Path) -> None:
    zips = [f"{place % 150:05}" for place in range(600)]
    recipe = draft(write_table(tmp_path, zip=zips, y=[place % 2 for place in range(600)]))
    assert 'CATEGORIES = ("zip",)' in recipe.read_text()
    assert "00007" in next(iter(analyze(recipe).vocabularies.values()))


def test_texts_in_folders(tmp_path: Path) -> None:
    for place in range(40):
        folder = tmp_path / "texts" / ("ham", "spam")[place % 2]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{place}.txt").write_text(f"message number {place} about {('work', 'money')[place % 2]}")
    recipe = hr.recipes.init(tmp_path / "texts", out=tmp_path / "mail.py").path
    check_format(recipe)
    assert 'CLASSES = ("ham", "spam")' in recipe.read_text()
    assert [len(part) for part in read_parts(recipe)] == [28, 4, 8]
    transform = analyze(recipe)
    assert "epochs=30," in recipe.read_text(), "few texts are read more often"
    assert "money" in transform.vocabularies["words"]
    assert "mone" in transform.vocabularies["starts_4"]
    network = find_recipe(str(recipe)).build_model(transform, None)
    assert network.outputs == 2
    assert list(network.terms) == ["words", "starts_4", "starts_6", "pairs"]


@pytest.mark.parametrize("label", ["words", "starts_4", "pairs", "y"])
def test_texts_and_labels_may_be_called_as_the_terms_and_the_outputs_are(tmp_path: Path, label: str) -> None:
    text = "words" if label == "pairs" else "probabilities"
    rows = [f"message number {place} about {('work', 'money')[place % 2]}" for place in range(40)]
    recipe = draft(write_table(tmp_path, **{text: rows, label: [place % 2 for place in range(40)]}), label)
    transform = analyze(recipe)
    name = "words" if text == "words" else "probabilities_"
    terms = [f"{each}_" if each == label else each for each in ("words", "starts_4", "starts_6", "pairs")]
    assert {*transform.output_types} == {*terms, label}
    words = transform.vocabularies[terms[0]]
    assert "money" in words
    row = next(iter(find_recipe(str(recipe)).load(None).train.map(transform))).to_pylist()[0]
    assert row[label] in (0, 1)
    assert len(row[terms[0]]) == 5
    assert {*transform.input_types} == {name, label}
    network = find_recipe(str(recipe)).build_model(transform, None)
    assert list(network.terms) == terms


def test_a_column_may_be_called_as_that_of_parsed_dates_is(tmp_path: Path) -> None:
    days = [(datetime(2020, 1, 1) + timedelta(days=place)).strftime("%d/%m/%Y") for place in range(100)]
    table = write_table(tmp_path, day=days, split_by=[place % 7 for place in range(100)], y=[0, 1] * 50)
    recipe = draft(table, time_column="day", keep=["split_by"])
    _, _, test = read_parts(recipe)
    assert [row["day"] for row in test] == days[80:]
    assert {row["split_by"] for row in test} == {*range(7)}
    assert {"day", "split_by"} >= {*analyze(recipe).input_types} - {"y"}


def test_a_number_of_a_table_may_be_called_as_the_numbers_are(tmp_path: Path) -> None:
    numbers = [(place * 37 % 100) / 7 for place in range(60)]
    kinds = ["a", "b"] * 30
    table = write_table(tmp_path, numbers=kinds, x=numbers, all_numbers=[place % 2 for place in range(60)])
    transform = analyze(draft(table, "all_numbers", keep=["numbers", "x"]))
    assert {*transform.output_types} == {"numbers", "all_numbers", "all_numbers_"}


def test_words_of_texts_in_other_scripts_are_kept_whole(tmp_path: Path) -> None:
    lines = [
        f'"Фильм {place} был «{("плохой", "хороший")[place % 2]}», été 2020",{place % 2}'
        for place in range(60)
    ]
    (tmp_path / "films.csv").write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")
    recipe = hr.recipes.init(tmp_path / "films.csv", label="label", out=tmp_path / "films.py").path
    check_format(recipe)
    transform = analyze(recipe)
    assert {"плохой", "хороший", "été", "2020"} <= {*transform.vocabularies["words"]}
    assert "хоро" in transform.vocabularies["starts_4"]


def test_texts_without_spaces_are_texts_of_characters(tmp_path: Path) -> None:
    lines = [f'"这是第{place}部{("坏", "好")[place % 2]}电影, DVD",{place % 2}' for place in range(60)]
    (tmp_path / "films.csv").write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")
    recipe = hr.recipes.init(tmp_path / "films.csv", label="label", out=tmp_path / "films.py").path
    check_format(recipe)
    words = analyze(recipe).vocabularies["words"]
    assert {"坏", "好", "电", "影", "dvd", "7"} <= {*words}
