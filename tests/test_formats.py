"""Read what earlier versions wrote: one file or folder of every format, see tools/make_golden_formats.py."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

import headrace as hr
from headrace.cli import main
from headrace.errors import ModelError, SchemaError, UsageError
from headrace.recipes.run import reopen

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("golden_formats", ROOT / "tools" / "make_golden_formats.py")
assert SPEC is not None
assert SPEC.loader is not None
tool = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)


@pytest.fixture
def golden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the golden folder, which is the working directory."""
    folder = Path(shutil.copytree(tool.GOLDEN, tmp_path / "golden"))
    monkeypatch.chdir(folder)
    return folder


def outputs(batch: pa.RecordBatch) -> dict[str, Any]:
    return {name: column.to_pylist() for name, column in zip(*tool._columns(batch), strict=True)}


def test_transforms_are_read(golden: Path) -> None:
    transform = hr.transform.Transform.load(golden / "transform")
    assert outputs(transform(tool.people())) == json.loads((golden / "outputs.json").read_text())
    assert "scale_to_z_score" in str(transform.explain())


def test_cached_states_are_read(golden: Path) -> None:
    """A state that the cache does not find is computed and written again."""
    before = {path: path.read_bytes() for path in golden.rglob("*.state")}
    transform = hr.transform.analyze(tool.preprocess, [tool.people()], cache_dir="cache")
    assert len(before) == 1  # the states of all passes over the one part
    assert {path: path.read_bytes() for path in golden.rglob("*.state")} == before
    assert outputs(transform(tool.people())) == json.loads((golden / "outputs.json").read_text())


def test_record_sets_are_read(golden: Path) -> None:
    table = pa.Table.from_batches(hr.records.read("people"))
    expected = tool.people()
    assert table.num_rows == tool.ROWS
    assert table["label"].to_pylist() == [
        *expected["label"].to_pylist()[0::2],
        *expected["label"].to_pylist()[1::2],
    ]
    assert hr.records.read_schema("people.schema.json").names == expected.schema.names
    assert (golden / "people-00000-of-00002.tfrecord.idx").exists()
    first = hr.records.decode_example(hr.records.RecordFile("people-00000-of-00002.tfrecord")[0])
    assert first["city"] == [b"Gen\xc3\xa8ve"]


def test_iterator_states_of_the_first_format_are_refused(golden: Path) -> None:
    iterator = iter(hr.Dataset.from_records("people").batch(10))
    state = json.loads((golden / "iterator.json").read_text())
    with pytest.raises(hr.UsageError, match="saved by an earlier version, which ordered rows differently"):
        iterator.load_state_dict(state)


def test_trainings_are_resumed(golden: Path) -> None:
    """The first epoch is the golden one, whose rows had another order; the weights end alike."""
    resumed = tool.interrupted_training(golden / "training", epochs_before=None)
    tool.interrupted_training(golden / "whole", epochs_before=None)
    assert [row["epoch"] for row in resumed.history] == [1, 2]
    expected = load_file(golden / "whole" / "last.safetensors")
    for name, value in load_file(golden / "training" / "last.safetensors").items():
        np.testing.assert_allclose(value, expected[name], atol=0.01)


def test_trainings_interrupted_in_mid_epoch_by_an_earlier_version_are_refused(golden: Path) -> None:
    path = golden / "training" / "state.safetensors"
    with safe_open(path, "np") as file:
        run = json.loads(file.metadata()["run"])
    run["progress"]["batches"] = 1
    save_file(load_file(path), path, {"run": json.dumps(run)})
    with pytest.raises(hr.UsageError, match="an earlier version, which ordered rows differently"):
        tool.interrupted_training(golden / "training", epochs_before=None)


def test_models_are_read(golden: Path) -> None:
    model = hr.serving.load(golden / "model.onnx")
    answer = model.predict({"age": np.array([20.0, 40.0, 60.0], np.float32)})
    assert answer.num_rows == 3
    assert set(answer["label"].to_pylist()) <= {"no", "yes"}


def test_runs_are_read(golden: Path) -> None:
    journal = golden / "run" / "run.json"
    journal.write_text(journal.read_text().replace("FOLDER", str(golden)))
    for words in (["run", "my_pipeline.py", "--out-dir", "run"], ["verify", "run/model.onnx"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 0


def test_formats_of_later_versions_are_refused(golden: Path) -> None:
    graph, journal = golden / "transform" / "graph.json", golden / "run" / "run.json"
    graph.write_text(graph.read_text().replace('"format": 1', '"format": 9'))
    with pytest.raises(ModelError, match=r"format 9.*analyze again"):
        hr.transform.Transform.load(golden / "transform")

    schema = golden / "people.schema.json"
    schema.write_text(schema.read_text().replace('{"features"', '{"format": 9, "features"'))
    with pytest.raises(SchemaError, match=r"expected format 1, got 9"):
        hr.records.read("people")

    stored = json.loads(journal.read_text())
    journal.write_text(json.dumps({**stored, "format": 9}))
    with pytest.raises(
        UsageError, match=r"expected format 'headrace run 1', got '9'; use the version of Headrace"
    ):
        reopen(golden / "run")

    model = onnx.load(golden / "model.onnx")
    onnx.helper.set_model_props(model, {"headrace.format": "9"})
    onnx.save(model, golden / "model.onnx")
    with pytest.raises(ModelError, match=r"format '9', expected '1'"):
        hr.serving.load(golden / "model.onnx")
