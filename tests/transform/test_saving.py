"""Saved transforms: what is written is read back, and nothing else is trusted."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pytest
import torch

import headrace as hr
from headrace import transform as t

WORDS = ["a\nb", "a\\nb", "\\", "\\\\n", "\r\n", "\t", " ", "İ", "i\u0307", "\u00e9", "e\u0301"]
WORDS += ["😀", "\U0010ffff", "\u2028", "\0", "\x85", "\ufeffa", "\\r", "n", "a\r"]
BATCH = pa.record_batch(
    {
        "age": pa.array([20.0, None, 40.0, 60.0]),
        "city": pa.array(["Rome", "Oslo", "", "Rome"]),
        "text": pa.array(["Hello, it's me", "", "x y x", "me"]),
        "image": pa.array([[0, 51], [102, 153], [204, 255], [1, 2]], pa.list_(pa.uint8(), 2)),
        "label": pa.array([0, 1, 0, 1]),
    }
)


def preprocess(x: Any) -> dict[str, t.Column]:
    return {
        "age": t.scale_to_z_score(t.fill_missing(x["age"], t.mean(x["age"]))),
        "bucket": t.bucketize(x["age"], 3),
        "city": t.compute_and_apply_vocabulary(x["city"], num_oov_buckets=2, vocab_filename="cities"),
        "tokens": t.compute_and_apply_vocabulary(t.tokenize(x["text"]), default_value=99),
        "image": t.reshape(x["image"] / 255, (1, 2, 1)),
        "label": x["label"],
    }


@pytest.fixture(scope="module")
def frozen() -> hr.Transform:
    return t.analyze(preprocess, [BATCH.slice(0, 3), BATCH.slice(3)])


@pytest.fixture
def saved(frozen: hr.Transform, tmp_path: Path) -> Path:
    frozen.save(tmp_path / "t")
    return tmp_path / "t"


def test_a_saved_transform_loads_equal_and_saves_to_identical_bytes(
    saved: Path, frozen: hr.Transform
) -> None:
    loaded = hr.Transform.load(saved)
    assert loaded(BATCH).equals(frozen(BATCH))
    assert loaded.output_schema == frozen.output_schema
    assert str(loaded.statistics) == str(frozen.statistics)
    loaded.save(saved.parent / "again")
    assert files(saved) == files(saved.parent / "again")
    assert b"Rome\nOslo\n" in files(saved).values()


def files(directory: Path) -> dict[str, bytes]:
    paths = sorted(path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): path.read_bytes() for path in paths}


def test_vocabularies_keep_every_string(tmp_path: Path) -> None:
    batch = pa.record_batch({"x": WORDS})
    frozen = t.analyze(lambda x: {"y": t.compute_and_apply_vocabulary(x["x"])}, [batch])
    frozen.save(tmp_path / "t")
    assert hr.Transform.load(tmp_path / "t").vocabularies == frozen.vocabularies
    assert sorted(frozen.vocabularies["x"]) == sorted(WORDS)


@pytest.mark.parametrize("values", [[None, None], [float("inf"), 1.0]])
def test_statistics_that_are_not_finite_are_kept(values: list[float | None], tmp_path: Path) -> None:
    batch = pa.record_batch({"x": pa.array(values, pa.float64())})
    frozen = t.analyze(
        lambda x: {"y": t.scale_to_z_score(x["x"]), "z": t.bucketize(x["x"], 3), "m": x["x"] - t.max(x["x"])},
        [batch],
    )
    frozen.save(tmp_path / "t")
    loaded = hr.Transform.load(tmp_path / "t")
    assert str(loaded.statistics) == str(frozen.statistics)
    assert str(loaded(batch).to_pydict()) == str(frozen(batch).to_pydict())


def test_long_expressions_and_hostile_labels_become_valid_file_names(tmp_path: Path) -> None:
    batch = pa.record_batch({"c" * 400: ["a", "b"], "../../x": ["c", "d"]})
    frozen = t.analyze(lambda x: {"y": t.compute_and_apply_vocabulary(x["c" * 400]),
                                  "z": t.compute_and_apply_vocabulary(x["../../x"])}, [batch])  # fmt: skip
    frozen.save(tmp_path / "t")
    assert hr.Transform.load(tmp_path / "t")(batch).equals(frozen(batch))
    assert [path.name for path in tmp_path.iterdir()] == ["t"]


def test_saving_replaces_a_transform_and_nothing_else(frozen: hr.Transform, tmp_path: Path) -> None:
    frozen.save(tmp_path / "new" / "t")
    frozen.select(["label"]).save(tmp_path / "new" / "t")
    assert list(hr.Transform.load(tmp_path / "new" / "t").output_types) == ["label"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").write_text("work")
    for name in ("mine", "file"):
        with pytest.raises(hr.UsageError, match="exists and is not a saved transform"):
            frozen.save(tmp_path / name)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "mine", "new"]


def edited(change: Callable[[Any], Any], name: str = "graph.json") -> Callable[[Path], None]:
    def edit(directory: Path) -> None:
        stored = json.loads((directory / name).read_text())
        (directory / name).write_text(json.dumps(change(stored) or stored))

    return edit


def node(place: int, **changes: Any) -> Callable[[Path], None]:
    return edited(lambda graph: graph["nodes"][place].update(changes))


def vocabulary(**changes: Any) -> Callable[[Path], None]:
    return edited(lambda statistics: statistics["cities"].update(changes), "statistics.json")


def number(**changes: Any) -> Callable[[Path], None]:
    return edited(lambda statistics: statistics["mean(age)"].update(changes), "statistics.json")


def text(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda directory: [path.write_bytes(content) for path in directory.rglob(name)] and None


def truncated(name: str) -> Callable[[Path], None]:
    return lambda directory: (directory / name).write_bytes((directory / name).read_bytes()[:-9]) and None


BROKEN: dict[str, Callable[[Path], Any]] = {
    "no directory": shutil.rmtree,
    "no graph": lambda directory: (directory / "graph.json").unlink(),
    "no statistics": lambda directory: (directory / "statistics.json").unlink(),
    "no vocabularies": lambda directory: shutil.rmtree(directory / "vocabularies"),
    "another format": edited(lambda graph: graph.update(format=2)),
    "no format": edited(lambda graph: graph.pop("format") and None),
    "truncated graph": truncated("graph.json"),
    "truncated statistics": truncated("statistics.json"),
    "truncated vocabulary": text("*cities.txt", b"Rome\nOs"),
    "longer vocabulary": text("*cities.txt", b"Rome\nOslo\nBonn\n"),
    "vocabulary not UTF-8": text("*cities.txt", b"Rome\n\xff\n"),
    "graph not UTF-8": text("graph.json", b'{"format": "\xff"}'),
    "graph nested too deeply": text("graph.json", b"[" * 100_000),
    "graph is a list": edited(lambda graph: [graph]),
    "nodes are not a list": edited(lambda graph: graph.update(nodes=3)),
    "a node is a number": edited(lambda graph: graph["nodes"].__setitem__(0, 5)),
    "a node is empty": edited(lambda graph: graph["nodes"][0].clear()),
    "outputs are a list": edited(lambda graph: graph.update(outputs=[0])),
    "an output from the end": edited(lambda graph: graph["outputs"].update(age=-1)),
    "an output out of range": edited(lambda graph: graph["outputs"].update(age=10_000)),
    "an output by name": edited(lambda graph: graph["outputs"].update(age="age")),
    "unknown op": node(-2, op="system"),
    "an input from the end": node(-2, inputs=[-1]),
    "an input that comes later": node(-2, inputs=[10_000]),
    "too many inputs": node(-2, inputs=[0, 0, 0, 0]),
    "an unknown parameter": node(-2, parameters={"shell": "rm"}),
    "a parameter of another type": node(-2, parameters={"shape": "many"}),
    "a parameter out of range": node(-2, parameters={"shape": [-1, 2]}),
    "an unknown type": node(0, type={"dtype": "object", "shape": [], "ragged": False}),
    "a shape of text": node(0, type={"dtype": "float64", "shape": ["3"], "ragged": False}),
    "an unknown statistic": edited(lambda graph: graph["nodes"].append({"statistic": "s"})),
    "a path that climbs out": vocabulary(strings="../secret.txt", length=1),
    "an absolute path": vocabulary(strings="/etc/passwd", length=1),
    "a path with a NUL": vocabulary(strings="a\0b"),
    "a path that is a directory": vocabulary(strings="vocabularies"),
    "a path that is a number": vocabulary(strings=3),
    "a dtype of objects": number(dtype="O"),
    "a dtype of bytes": number(dtype="S9"),
    "a shape that does not fit": number(shape=[7]),
    "values that are words": number(values=["many"]),
    "values that are lists": number(values=[[1], [2, 3]], dtype="int64"),
    "a whole number too large": number(values=[10**400], dtype="int64"),
    "no values": edited(lambda statistics: statistics["mean(age)"].clear(), "statistics.json"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_or_hostile_directory_is_a_model_error(name: str, saved: Path) -> None:
    (saved.parent / "secret.txt").write_text("secret\n")
    BROKEN[name](saved)
    with pytest.raises(hr.ModelError) as caught:
        hr.Transform.load(saved)
    assert caught.value.path
    assert caught.value.hint


def test_a_vocabulary_behind_a_link_out_of_the_directory_is_refused(saved: Path) -> None:
    (saved.parent / "secret.txt").write_text("Rome\nOslo\n")
    file = next(saved.rglob("*cities.txt"))
    file.unlink()
    file.symlink_to(saved.parent / "secret.txt")
    with pytest.raises(hr.ModelError, match="the vocabulary file is missing"):
        hr.Transform.load(saved)


def test_a_transform_goes_to_the_url_that_is_named_and_is_read_from_it(
    frozen: hr.Transform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    url = f"memory://{tmp_path.name}/t"
    frozen.save(url)
    frozen.save(url)  # replaces it
    assert hr.Transform.load(url)(BATCH) == frozen(BATCH)
    frozen.save(f"file://{tmp_path}/by_url")
    assert hr.Transform.load(tmp_path / "by_url").vocabularies == frozen.vocabularies
    assert [path.name for path in tmp_path.iterdir()] == ["by_url"]
    fsspec.filesystem("memory").rm(f"/{tmp_path.name}/t/vocabularies", recursive=True)
    with pytest.raises(hr.ModelError, match="vocabulary file is missing"):
        hr.Transform.load(url)


@pytest.mark.parametrize(
    "directory", ["gs://bucket/x", Path("gs://bucket/x"), Path("s3://bucket/x"), "nope://b/x"]
)
def test_a_url_that_cannot_be_written_leaves_no_local_folder(
    directory: str | Path, frozen: hr.Transform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(hr.UsageError, match=r"gcsfs|as pathlib writes it|Protocol not known"):
        frozen.save(directory)
    assert not list(tmp_path.iterdir())


def test_a_pipe_in_place_of_the_graph_does_not_block(saved: Path) -> None:
    (saved / "graph.json").unlink()
    os.mkfifo(saved / "graph.json")
    with pytest.raises(hr.ModelError, match="does not hold a transform"):
        hr.Transform.load(saved)


@pytest.mark.parametrize("url", ["s3://bucket/x", Path("gs://bucket/x"), "hdfs://host/x"])
def test_writers_that_need_a_local_path_refuse_a_url(
    url: str | Path, frozen: hr.Transform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plans, caches of rows, data sets, runs and trainings: none becomes a folder called `gs:`."""
    from headrace.recipes import Run, RunOptions

    monkeypatch.chdir(tmp_path)
    rows = hr.Dataset.from_arrays({"x": [1.0], "y": [0]})
    plan = frozen.explain()
    assert plan is not None
    writers: list[Callable[[], Any]] = [
        lambda: plan.plot(f"{url}.png"),
        lambda: rows.cache(url),
        lambda: hr.datasets.prepare("fashion_mnist", url),
        lambda: Run(RunOptions(recipe="housing"), url),
        lambda: hr.training.fit(torch.nn.Linear(1, 2), rows, rows, label="y", out_dir=url),
    ]
    for write in writers:
        with pytest.raises(hr.UsageError, match="expected a local path, got a URL"):
            write()
    assert not list(tmp_path.iterdir())
