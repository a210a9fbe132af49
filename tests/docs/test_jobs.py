"""The recipes in `docs/jobs/`: each runs on generated data of the same form, and ends in a verified file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

import headrace as hr
from headrace.recipes import Run, RunOptions, execute

JOBS = Path(__file__).parents[2] / "docs" / "jobs"
ROWS = 400


def read_programs(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (JOBS / page).read_text(encoding="utf-8"), re.DOTALL)


def run_recipe(folder: Path, program: str, files: Mapping[str, Mapping[str, Any]], **training: Any) -> Run:
    """Run a recipe of a page on generated files."""
    (folder / "job.py").write_text(program)
    for name, columns in files.items():
        pa.csv.write_csv(pa.table(dict(columns)), folder / name)
    run = Run(RunOptions(str(folder / "job.py"), data_dir=str(folder), training=training), folder / "run")
    execute(run)
    assert run.read_verdict().passed
    return run


def make_movies(random: np.random.Generator) -> dict[str, Any]:
    length = random.lognormal(4, 0.7, ROWS).round() + 1
    is_short = length < 40
    genres = ("Action", "Animation", "Comedy", "Drama", "Documentary", "Romance")
    return {
        "title": [f"film {number}" for number in range(ROWS)],
        "year": random.integers(1900, 2005, ROWS),
        "length": length.astype(np.int64),
        "votes": random.integers(5, 5000, ROWS),
        "rating": random.uniform(1, 10, ROWS).round(1),
        "mpaa": random.choice(["", "PG", "R"], ROWS),
        **{name: random.integers(0, 2, ROWS) for name in genres},
        "Short": is_short.astype(np.int64),
    }


def test_several_labels_at_once_such_as_the_genres_of_films(tmp_path: Path) -> None:
    (program,) = read_programs("several-labels.md")
    movies = make_movies(np.random.default_rng(0))
    run = run_recipe(tmp_path, program, {"movies.csv": movies}, epochs=8, batch_size=32)
    row = {"year": 1990, "length": 5, "votes": 100, "rating": 6.0, "mpaa": ""}
    model = hr.serving.load(run.onnx)
    likely = model.predict([row, {**row, "length": 200}])["probabilities"].to_pylist()
    assert likely[0][-1] > 0.5 > likely[1][-1]
    assert model.signature is not None
    assert model.signature.outputs[1].classes == (
        *("Action", "Animation", "Comedy", "Drama", "Documentary", "Romance", "Short"),
    )


def test_several_outputs_such_as_three_measurements_of_the_body(tmp_path: Path) -> None:
    program, _ = read_programs("several-outputs.md")
    random = np.random.default_rng(0)
    strength = random.normal(size=60)
    columns = {
        "Chins": 9 + 5 * strength,
        "Situps": 145 + 60 * strength,
        "Jumps": random.normal(70, 50, 60),
        "Weight": 178 - 20 * strength,
        "Waist": 35.4 - 3 * strength,
        "Pulse": 56 + random.normal(size=60),
    }
    run = run_recipe(tmp_path, program, {"linnerud.csv": columns})
    model = hr.serving.load(run.onnx)
    assert model.outputs == ["Weight", "Waist", "Pulse"]
    weak, strong = ({"Chins": 9 + s * 5, "Situps": 145 + s * 60, "Jumps": 70} for s in (-1.0, 1.0))
    found = model.predict([weak, strong]).to_pydict()
    assert found["Weight"][0] > 180 > 176 > found["Weight"][1]
    assert found["Waist"][0] > 36 > 35 > found["Waist"][1]  # small numbers are learned beside large ones


def test_several_outputs_of_different_kinds_such_as_species_and_mass(tmp_path: Path) -> None:
    _, program = read_programs("several-outputs.md")
    random = np.random.default_rng(0)
    species = random.choice(["Adelie", "Chinstrap", "Gentoo"], 200)
    is_large = species == "Gentoo"
    columns = {
        "species": species,
        "bill_length_mm": random.normal(44, 2, 200) - 8 * (species == "Adelie"),
        "bill_depth_mm": random.normal(18, 1, 200) - 4 * is_large,
        "flipper_length_mm": pa.array(random.normal(195, 4, 200) + 25 * is_large, mask=np.arange(200) == 3),
        "sex": random.choice(["male", "female"], 200),
        "body_mass_g": pa.array(3700.0 + 1300 * is_large, mask=np.arange(200) == 5),
    }
    run = run_recipe(tmp_path, program, {"penguins.csv": columns}, epochs=15)
    row = {"bill_length_mm": 47.0, "bill_depth_mm": 14.0, "flipper_length_mm": 220.0, "sex": "male"}
    (answer,) = hr.serving.load(run.onnx).predict(row).to_pylist()
    assert answer["species_label"] == "Gentoo"
    assert answer["mass"] == pytest.approx(5000, abs=300)


def make_patients(random: np.random.Generator) -> dict[str, Any]:
    histol = random.choice([1, 2], 1200, p=[0.8, 0.2])
    relapse = random.random(1200) < np.where(histol == 2, 0.35, 0.08)
    return {
        "seqno": np.arange(1200),
        "instit": histol,
        "histol": histol,
        "stage": random.integers(1, 5, 1200),
        "study": random.choice([3, 4], 1200),
        "rel": relapse.astype(np.int64),
        "edrel": random.integers(10, 6000, 1200),
        "age": random.integers(1, 200, 1200),
    }


def measure_recall(run: Run) -> float:
    rows = pa.Table.from_batches(list(run.open_raw("test")))
    labels = hr.serving.load(run.onnx).predict(rows)["label"].to_numpy(zero_copy_only=False)
    return float((labels == "yes")[rows["rel"].to_numpy() == 1].mean())


def test_imbalance_a_rare_class_is_found_with_balanced_weights(tmp_path: Path) -> None:
    (program,) = read_programs("imbalance.md")
    patients = {"nwtco.csv": make_patients(np.random.default_rng(0))}
    run = run_recipe(tmp_path, program, patients, epochs=6)
    assert measure_recall(run) >= 0.6
    assert run.read_metrics()["recall_yes"] == pytest.approx(measure_recall(run))


def test_a_date_column_and_a_time_split_test_on_later_days(tmp_path: Path) -> None:
    (program,) = read_programs("forecasts.md")
    random = np.random.default_rng(0)
    days = np.arange(np.datetime64("2012-01-01"), np.datetime64("2014-01-01"))
    warmth = 16 - 8 * np.cos(2 * np.pi * np.arange(len(days)) / 365.25)
    columns = {
        "date": pa.array([str(day) for day in days]),
        "precipitation": random.exponential(3, len(days)).round(1),
        "temp_max": (warmth + random.normal(size=len(days))).round(1),
        "temp_min": (warmth - 8 + random.normal(size=len(days))).round(1),
        "wind": random.exponential(3, len(days)).round(1),
        "weather": random.choice(["sun", "rain", "fog"], len(days)),
    }
    run = run_recipe(tmp_path, program, {"seattle_weather.csv": columns}, epochs=8)
    dates = {
        part: pa.Table.from_batches(list(run.open_raw(part)))["date"].to_pylist()
        for part in ("train", "validation", "test")
    }
    assert max(dates["train"]) < min(dates["validation"])
    assert max(dates["validation"]) < min(dates["test"])
    assert run.read_metrics()["rmse"] < 3


def test_own_vectors_are_read_kept_and_exported(tmp_path: Path) -> None:
    (program,) = read_programs("own-vectors.md")
    random = np.random.default_rng(0)
    words = {label: [f"{label}{number}" for number in range(60)] for label in ("neg", "pos")}
    vectors = {
        word: [float(label == "pos"), float(label == "neg"), 0.5] for label in words for word in words[label]
    }
    lines = [f"{word} {' '.join(map(str, vector))}" for word, vector in vectors.items()]
    (tmp_path / "vectors.txt").write_text("\n".join(lines))
    labels = random.choice(["neg", "pos"], ROWS)
    texts = [" ".join(["film", *random.choice(words[label], 2)]) for label in labels]
    run = run_recipe(tmp_path, program, {"reviews.csv": {"text": texts, "label": labels}})
    assert run.read_metrics()["accuracy"] == 1.0
    vocabulary = run.load_serving_transform().vocabularies["words"]
    weight = run.load_model().state_dict()["0.weight"]
    assert len(weight) == len(vocabulary) + 1
    known = [place for place, word in enumerate(vocabulary) if word != "film"]
    assert weight[known].tolist() == [vectors[vocabulary[place]] for place in known]


def test_token_ids_of_a_tokenizer_are_the_input_of_the_exported_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    labels = random.choice(["neg", "pos"], ROWS)
    words = {"neg": ("bad", "dull", "boring"), "pos": ("good", "great", "moving")}
    texts = [f"A {random.choice(words[label])} film number {row}" for row, label in enumerate(labels)]
    pa.csv.write_csv(pa.table({"text": texts, "label": labels}), "reviews.csv")
    train, answer = read_programs("token-ids.md")
    names: dict[str, Any] = {"__name__": "job"}
    exec(compile(train, "token-ids.md", "exec"), names)
    assert names["verdict"].passed
    names = {"__name__": "job"}
    exec(compile(answer, "token-ids.md", "exec"), names)
    assert [each.name for each in names["session"].get_inputs()] == ["ids.values", "ids.row_splits"]
    assert names["label"].tolist() == ["pos"]
    (row,) = hr.serving.load("model.onnx").predict({"ids": names["ids"]}).to_pylist()
    assert row["label"] == "pos"
    np.testing.assert_allclose(row["probabilities"], names["probabilities"][0], rtol=1e-6)
