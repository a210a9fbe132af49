"""The README's code, run as it is printed."""

from __future__ import annotations

import csv
import json
import random
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace.cli import main

README = Path(__file__).parents[1] / "README.md"


def code_blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def write_customers(path: Path, rows: int = 1000) -> None:
    """Who answers: old customers of the coast who came often; every ninth age is missing."""
    generator = random.Random(0)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["age", "city", "visits", "answer"])
        for row in range(rows):
            age, city = generator.uniform(18, 80), generator.choice(("Genève", "Malmö", "Porto"))
            visits = generator.randrange(50)
            answers = age / 40 + visits / 25 + (city == "Porto") > 2.4
            table.writerow(["" if row % 9 == 0 else f"{age:.1f}", city, visits, "yes" if answers else "no"])


def test_the_pipeline_on_one_s_own_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (pipeline,) = (block for block in code_blocks() if "hr.Recipe(" in block)
    (tmp_path / "my_pipeline.py").write_text(pipeline)
    write_customers(tmp_path / "customers.csv")
    monkeypatch.chdir(tmp_path)
    for words in (["run", "my_pipeline.py"], ["verify", "runs/my_pipeline/model.onnx"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 0
    assert json.loads(Path("runs/my_pipeline/metrics.json").read_text())["accuracy"] > 0.85


def test_record_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import headrace as hr

    (block,) = (block for block in code_blocks() if "on_corrupt" in block)
    monkeypatch.chdir(tmp_path)
    hr.records.write("train", [pa.record_batch({"x": list(range(80))})], shards=8)
    damaged = Path("train-00001-of-00008.tfrecord")
    content = bytearray(damaged.read_bytes())
    content[14] ^= 1
    damaged.write_bytes(content)
    names: dict[str, Any] = {}
    exec(compile(block, "README.md", "exec"), names)
    assert sum(batch.num_rows for batch in names["ds"]) == 79
    assert names["batches"].report.records == 1
    assert Path(f"{damaged}.corrupt").exists()
    assert hr.records.decode_example(names["row"])["x"].tolist() == [24]
    assert names["tensor"].tolist() == [[1.0, 2.0]]


def test_datasets_in_pytorch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import headrace as hr

    (block,) = (block for block in code_blocks() if "to_torch_dataset()" in block)
    monkeypatch.chdir(tmp_path)
    hr.records.write("train", [pa.record_batch({"x": list(range(200))})], shards=2)
    names: dict[str, Any] = {}
    exec(compile(block, "README.md", "exec"), names)
    batches = [batch["x"].tolist() for batch in names["loader"]]
    assert [batch["x"].to_pylist() for batch in names["ds"]] == batches
    assert len(names["rows"]) == 200


@pytest.mark.parametrize("word", ["cache_dir=", "BeamEngine("])
def test_scale_out(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import headrace as hr

    if word == "BeamEngine(":
        pytest.importorskip(
            "apache_beam", reason="Apache Beam is not installed: pip install 'headrace[beam]'"
        )
    (block,) = (block for block in code_blocks() if word in block)
    monkeypatch.chdir(tmp_path)
    Path("clicks").mkdir()
    for day in range(3):
        pq.write_table(pa.table({"x": [1.0, 2.0 + day]}), f"clicks/day-{day}.parquet")
    names: dict[str, Any] = {"preprocess": lambda x: {"x": hr.transform.scale_to_0_1(x["x"])}}
    exec(compile(block, "README.md", "exec"), names)
    assert names["transform"].statistics == {"max(x)": 4.0, "min(x)": 1.0}


def test_transform_ahead_of_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import headrace as hr

    (block,) = (block for block in code_blocks() if "transform.write(" in block)
    monkeypatch.chdir(tmp_path)
    Path("clicks").mkdir()
    for day in range(3):
        pq.write_table(pa.table({"x": [float(day), 8.0]}), f"clicks/day-{day}.parquet")
    days = hr.Dataset.from_parquet("clicks/day-*.parquet")
    hr.transform.analyze(lambda x: {"x": hr.transform.scale_to_0_1(x["x"])}, days).save("transform")
    names: dict[str, Any] = {}
    exec(compile(block, "README.md", "exec"), names)
    assert len(names["files"]) == 8
    found = [value for batch in names["train"] for value in batch["x"].to_pylist()]
    assert sorted(found) == [0.0, 0.125, 0.25, 1.0, 1.0, 1.0]
    (line,) = re.findall(r"^headrace (transform .*)$", README.read_text(), re.MULTILINE)
    with pytest.raises(SystemExit) as ended:
        main([*shlex.split(line), "--force"])
    assert ended.value.code == 0


def test_layers() -> None:
    (block,) = (block for block in code_blocks() if "hr.layers" in block)
    names: dict[str, Any] = {}
    exec(compile(block, "README.md", "exec"), names)
    assert names["codes"].tolist()[0] == 3
    assert names["codes"].tolist()[1] in (0, 1)
    assert [float(value) for value in names["layer"].statistics.values()] == pytest.approx([2.0, 2 / 3])
    (batch,) = names["films"]
    vectors = np.array(batch["words"].to_pylist())
    assert vectors.shape == (2, names["text"].vocabulary_size())
    assert vectors[0, names["text"].get_vocabulary().index("a good")] > 0


def test_networks_and_their_blocks() -> None:
    (block,) = (block for block in code_blocks() if "hr.vision.layers" in block)
    names: dict[str, Any] = {}
    exec(compile(block, "README.md", "exec"), names)
    assert names["logits"].shape == (8, 10)
    assert names["maps"].shape == (2, 64, 16, 16)


def test_what_a_model_costs() -> None:
    (block,) = (block for block in code_blocks() if "hr.vision.cost" in block)
    names: dict[str, Any] = {}
    exec(compile(block, "README.md", "exec"), names)
    assert names["cost"].parameters == 1_413_834
    assert names["peak"] < 2e9 < names["cost"].training_memory(names["batch"] + 1)


def test_augmentation() -> None:
    (block,) = (block for block in code_blocks() if "hr.vision.augment" in block)
    names: dict[str, Any] = {}
    exec(compile(block, "README.md", "exec"), names)
    assert names["images"].shape == (32, 1, 28, 28)


def test_the_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second block, with the names it takes for granted."""
    from torch import nn

    import headrace as hr

    (pieces,) = (block for block in code_blocks() if "hr.deploy.export(" in block)
    monkeypatch.chdir(tmp_path)
    rows = "\n".join(f"{i},{i % 2}" for i in range(64))
    Path("data.csv").write_text(f"x,label\n{rows}\n")

    def preprocess(inputs):
        z = hr.transform.scale_to_z_score(inputs["x"])
        return {"x": hr.transform.reshape(z, (1,)), "label": inputs["label"]}

    ds = hr.Dataset.from_csv("data.csv")
    validation = ds.map(hr.transform.analyze(preprocess, ds))
    names = {"preprocess": preprocess, "model": nn.Linear(1, 2), "validation": validation}
    exec(compile(pieces, "README.md", "exec"), names)
    assert len(list(tmp_path.glob("train-*-of-00008.tfrecord"))) == 8
    answer = hr.deploy.load("model.onnx").predict({"x": [31]})
    assert answer.num_rows == 1
