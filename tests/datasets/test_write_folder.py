"""Folders that `write_folder` writes are read back with equal values, by us and by TensorFlow Datasets."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace import datasets, records
from headrace.data import Dataset
from headrace.datasets.info import DatasetInfo
from headrace.datasets.prepared import write_folder
from headrace.errors import HeadraceError, SchemaError, UsageError
from headrace.images import decode_image, encode_jpeg, encode_png

GOLDEN = Path(__file__).parents[1] / "golden" / "prepared"
VALUES = json.loads((GOLDEN / "values.json").read_text())
OWN = Path(__file__).parents[2] / ".venv-tensorflow" / "bin" / "python"
PYTHON = Path(os.environ.get("HEADRACE_TENSORFLOW_PYTHON") or OWN)
HAS_TFDS = any(PYTHON.parents[1].glob("lib/python*/site-packages/tensorflow_datasets"))


def make_card(ds: Dataset, label: str = "", class_names: tuple[str, ...] = ()) -> DatasetInfo:
    return DatasetInfo("made", "A test.", ds.schema, label, class_names, {}, {}, "MIT", "https://x.org", "Me")


def write(folder: Path, table: pa.Table, **options: Any) -> Path:
    ds = Dataset.from_arrow(table)
    card = make_card(ds, options.pop("label", ""), options.pop("names", ()))
    return write_folder(folder / "made" / "1.0.0", card, {"train": ds}, **options)


def tensor(values: np.ndarray) -> pa.Array:
    return pa.FixedShapeTensorArray.from_numpy_ndarray(values)


@pytest.mark.parametrize("name", sorted(VALUES))
def test_folders_of_tensorflow_datasets_are_written_anew_with_equal_values(
    name: str, tmp_path: Path, table
) -> None:
    loaded = datasets.load(GOLDEN / name)
    folder = write_folder(tmp_path / name / "1.0.0", datasets.info(GOLDEN / name), loaded)
    for split, ds in loaded.items():
        assert table(datasets.load(folder, split)).equals(table(ds))
    first, second = datasets.info(GOLDEN / name), datasets.info(folder)
    assert replace(second, source="") == replace(first, source="", schema=second.schema)
    assert second.schema == first.schema


def test_a_row_that_has_everything(tmp_path: Path, table) -> None:
    rng = np.random.default_rng(0)
    rows = pa.table(
        {
            "big": pa.array([2**63, 2**64 - 1, 5], pa.uint64()),
            "exact": pa.array([0.1, None, float("nan")]),
            "count": pa.array([None, 3, -1], pa.int32()),
            "half": pa.array(np.array([0.5, 1.5, 2.5], np.float16)),
            "bytes": pa.array([b"\xff\x00", None, b""]),
            "word": pa.array(["é", None, ""]),
            "table": tensor(rng.normal(size=(3, 2, 2))),
            "pixels": tensor(rng.integers(0, 256, (3, 4, 5, 3), dtype=np.uint8)),
            "grey": tensor(rng.integers(0, 256, (3, 4, 4), dtype=np.uint8)),
            "steps": pa.array([[0.1], [], [0.2, 0.3]], pa.list_(pa.float64())),
            "box/corners": pa.array([[0, 0, 1, 1]] * 3, pa.list_(pa.float32(), 4)),
            "box/name": pa.array([["a"], [], ["b", "c"]]),
            "truth": tensor(rng.integers(0, 2, (3, 2, 2)).astype(bool)),
            "words": pa.array([["a", "b"]] * 3, pa.list_(pa.string(), 2)),
            "large": pa.array(["x", "y", "z"], pa.large_string()),
            "kind": pa.array(["u", "v", "u"]).dictionary_encode(),
        }
    )
    folder = write(tmp_path, rows, encodings={"box/corners": "bbox", "table": "zlib"}, shards=2)
    back = table(datasets.load(folder, "train"))
    assert back.column_names == rows.column_names
    for name in rows.column_names:
        wanted, found = rows[name].to_pylist(), back[name].to_pylist()
        assert str(found) == str(wanted), name  # NaN too
    assert table(datasets.load(folder, "train[1:]")).num_rows == 2
    kept = records.read(f"{folder}/made-train.tfrecord-*")  # by the schema and the index beside them
    assert [row["big"] for batch in kept for row in batch.to_pylist()] == [2**63, 2**64 - 1, 5]


def make_dates() -> pa.Table:
    return pa.table(
        {
            "day": pa.array([0, None, -719_162], pa.date32()),
            "at": pa.array([1, -5, None], pa.timestamp("us", tz="Europe/Paris")),
            "exact": pa.array([2**62, 3, -5], pa.timestamp("ns")),
            "noon": pa.array([0, 86_400_000, -86_400_000], pa.date64()),
            "steps": pa.array([[1, 2], [], [3]], pa.list_(pa.timestamp("s"))),
            "span": pa.array([[1, 2]] * 3, pa.list_(pa.date32(), 2)),
            "weeks": pa.array([[[1], [2, 3]], [], [[4]]], pa.list_(pa.list_(pa.date32()))),
            "times": pa.StructArray.from_arrays([pa.array([7, 8, 9], pa.timestamp("ms"))], ["start"]),
        }
    )


def test_dates_and_timestamps_come_back_with_unit_and_time_zone(tmp_path: Path, table) -> None:
    rows = make_dates()
    folder = write(tmp_path, rows, shards=2)
    back = table(datasets.load(folder, "train"))
    assert back.columns == rows.flatten().columns
    assert [back.schema.field(name).nullable for name in ("day", "at", "exact")] == [True, True, True]
    stored = json.loads((folder / "features.json").read_text())["featuresDict"]["features"]
    assert {stored[name]["tensor"]["dtype"] for name in ("day", "at", "exact")} == {"int64"}


def test_images_are_stored_as_files(tmp_path: Path, table) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    files = pa.array([encode_png(pixels[0]), encode_jpeg(pixels[1])])
    rows = pa.table({"smooth": tensor(pixels), "file": files, "label": [1, 0]})
    folder = write(
        tmp_path, rows, encodings={"smooth": "jpeg"}, label="label", names=("cat", "dog"), shards={"train": 1}
    )
    back = table(datasets.load(folder, "train"))
    assert back["file"].to_pylist() == files.to_pylist()
    decoded = np.stack([decode_image(encode_jpeg(each)) for each in pixels])
    assert np.array_equal(back["smooth"].combine_chunks().to_numpy_ndarray(), decoded)
    assert datasets.info(folder).class_names == ("cat", "dog")
    stored = json.loads((folder / "features.json").read_text())["featuresDict"]["features"]
    assert stored["smooth"]["image"]["encodingFormat"] == "jpeg"
    assert stored["file"]["image"]["shape"]["dimensions"] == ["-1", "-1", "3"]
    assert stored["label"]["classLabel"]["numClasses"] == "2"


WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 "


@pytest.mark.parametrize(
    ("column", "options", "what"),
    [
        (pa.array([1, 2]), {"label": "x", "names": ("a", "b")}, "'x': expected labels from 0 to 1, got 2"),
        (pa.array([0, None]), {"label": "x", "names": ("a",)}, "'x': expected no missing values, got 1"),
        (pa.array([[1], None]), {}, "'x': expected no missing values, got 1; fill them"),
        (pa.array([[1], [None]]), {}, "'x': lists and tensors cannot hold nulls"),
        (pa.array([1, 2], pa.time32("s")), {}, "holds the type time32.*; cast it in a map: .*pa.int32"),
        (pa.array([1, 2], pa.duration("us")), {}, "holds the type duration.*pa.int64.* without loss"),
        (pa.array([1, 2], pa.decimal128(5)), {}, "holds the type decimal128.*pa.string.* without loss"),
        (pa.array([1, 2], pa.date32()), {"encodings": {"x": "zlib"}}, "'zlib' does not suit .* 'x', date32"),
        (pa.array([[{"y": 1}, None]]), {}, "'x': expected no missing values in the lists, got 1"),
        (pa.array([b"GIF8", WEBP]), {}, "'x': expected a PNG, JPEG, GIF or BMP image, got webp"),
        (pa.array([b"GIF8", b"%PDF"]), {}, "'x': expected a .* got bytes of another format"),
        (pa.array([b"GIF8", b"GIF8"]), {"encodings": {"x": "png"}}, "'x': expected a png image, got gif"),
        (pa.array([[[1.5]], []]), {}, "without losing digits; cast it to float32"),
        (pa.array(["a", "b"]), {"encodings": {"x": "zlib"}}, "'zlib' does not suit the column 'x', string"),
        (pa.array([1, 2]), {"encodings": {"x": "png"}}, "'x': cannot be stored as png images: int64"),
        (pa.array([1, 2]), {"encodings": {"y": "png"}}, "encodings: no column 'y'; choose among: x"),
        (pa.array([1, 2]), {"encodings": {"x": "gif"}}, "unknown encoding 'gif' of 'x'; choose one of png"),
        (pa.array([1, 2]), {"shards": 0}, "shards is 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_stored_is_one_line_and_leaves_no_folder(
    column: pa.Array, options: dict[str, Any], what: str, tmp_path: Path
) -> None:
    with pytest.raises(HeadraceError, match=what):
        write(tmp_path, pa.table({"x": column}), **options)
    assert not (tmp_path / "made" / "1.0.0").exists()


def test_structs_are_nested_dictionaries(tmp_path: Path, table) -> None:
    inner = pa.array([{"z": 1, "tag": "ä"}, {"z": 2, "tag": "b"}, {"z": 3, "tag": ""}])
    rows = pa.table(
        {
            "outer": pa.StructArray.from_arrays(
                [pa.array([0.5, None, 2.0], pa.float32()), inner], ["x", "deep"]
            ),
            "boxes": pa.array([[{"left": 1, "name": "u"}], [], [{"left": 2, "name": "v"}] * 2]),
            "file": pa.array([{"bytes": encode_png(np.zeros((2, 2, 3), np.uint8))}] * 3),
        }
    )
    folder = write(tmp_path, rows, shards=2)
    back = table(datasets.load(folder, "train"))
    assert back["outer/x"].to_pylist() == [0.5, None, 2.0]
    assert back["outer/deep/tag"].to_pylist() == ["ä", "b", ""]
    assert back["boxes/left"].to_pylist() == [[1], [], [2, 2]]
    assert back["boxes/name"].to_pylist() == [["u"], [], ["v", "v"]]
    stored = json.loads((folder / "features.json").read_text())["featuresDict"]["features"]
    assert list(stored["outer"]["featuresDict"]["features"]) == ["x", "deep"]
    assert "image" in stored["file"]["featuresDict"]["features"]["bytes"]
    twice = pa.table({"a": pa.array([{"b": 1}]), "a/b": [2]})
    with pytest.raises(SchemaError, match="a struct and a column are both called 'a/b'"):
        write(tmp_path / "twice", twice)


def test_bytes_in_a_tensor_are_stored_plainly_too(tmp_path: Path, table) -> None:
    rows = pa.table({"x": tensor(np.arange(24, dtype=np.uint8).reshape(4, 2, 3))})
    folder = write(tmp_path, rows, encodings={"x": "plain"})
    assert table(datasets.load(folder, "train"))["x"].to_pylist() == rows["x"].to_pylist()


def test_folders_are_not_overwritten_and_splits_agree(tmp_path: Path) -> None:
    rows = pa.table({"x": [1, 2]})
    folder = write(tmp_path, rows)
    with pytest.raises(UsageError, match="already exists"):
        write(tmp_path, rows)
    assert datasets.load(folder, "train").num_rows == 2
    ds, other = Dataset.from_arrow(rows), Dataset.from_arrow(pa.table({"x": ["1"]}))
    with pytest.raises(SchemaError, match="the splits 'train' and 'test' have different columns"):
        write_folder(tmp_path / "other", make_card(ds), {"train": ds, "test": other})
    with pytest.raises(UsageError, match="not the name of a split: 'a/b'"):
        write_folder(tmp_path / "other", make_card(ds), {"a/b": ds})


KILLED = """
import os, sys
import headrace as hr
from headrace.datasets.prepared import write_folder
def die(split, rows):
    if (split, len(seen)) == ("train", 2):
        os.kill(os.getpid(), 9)
    seen.append(rows)
seen = []
write_folder(sys.argv[1], hr.datasets.info("housing"), hr.datasets.load("housing"), shards=4, progress=die)
"""


def test_a_killed_write_leaves_no_folder_and_continues(tmp_path: Path, table) -> None:
    folder = tmp_path / "housing" / "1.0.0"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder)], env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == -9
    assert not folder.exists()
    kept = {
        each.name: each.stat().st_mtime_ns
        for each in folder.parent.glob(".1.0.0.unfinished/.housing-train.unfinished/*.tfrecord")
    }
    assert kept
    card, whole = datasets.info("housing"), datasets.load("housing")
    assert write_folder(folder, card, whole, shards=4) == folder
    assert [each.name for each in folder.parent.iterdir()] == ["1.0.0"]
    for split, ds in whole.items():
        assert table(datasets.load(folder, split)).equals(table(ds))


@pytest.mark.skipif(not HAS_TFDS, reason="no TensorFlow Datasets here; `make tensorflow` sets it up")
def test_tensorflow_datasets_reads_the_same_values(tmp_path: Path, table) -> None:
    """All golden folders as one data set, each a nested dictionary, and a table that it cannot write."""
    splits = {
        split: Dataset.from_arrow(
            pa.table(
                {
                    f"{name}/{column}": values
                    for name in VALUES
                    for rows in [table(datasets.load(GOLDEN / name, split))]
                    for column, values in zip(rows.column_names, rows.columns, strict=True)
                },
                pa.schema(
                    [
                        field.with_name(f"{name}/{field.name}")
                        for name in VALUES
                        for field in datasets.info(GOLDEN / name).schema
                    ]
                ),
            )
        )
        for split in ("train", "test")
    }
    card = replace(make_card(splits["train"], "image_png/label", ("cat", "dog", "owl")), citation="Them")
    every = write_folder(tmp_path / "made" / "1.0.0", card, splits, shards={"train": 2, "test": 1})
    numbers = pa.table({"x": pa.array([0.1, None, 1e300]), "y": pa.array([2**64 - 1, 0, 1], pa.uint64())})
    exact = write(tmp_path / "exact", numbers, label="y")
    dates = write(tmp_path / "dates", make_dates())
    script = Path(__file__).with_name("tensorflow_datasets_rows.py")
    done = subprocess.run([PYTHON, script, every, exact, dates], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    found = read[str(every)]
    VALUES["nested"] = [{"a": {"b": row.pop("a/b")}, **row} for row in VALUES["nested"]]
    for name, expected in VALUES.items():
        assert [row[name] for row in found["splits"]["train"]] == expected, name
    assert len(found["splits"]["test"]) == 2
    assert found["shards"] == {"train": 2, "test": 1}
    assert (found["name"], found["citation"]) == ("made/1.0.0", "Them")
    assert found["names"]["image_png/label"] == ["cat", "dog", "owl"]
    assert found["keys"][1] == "image_png/label"
    rows = read[str(exact)]["splits"]["train"]
    assert [row["y"] for row in rows] == [2**64 - 1, 0, 1]
    assert [rows[0]["x"], str(rows[1]["x"]), rows[2]["x"]] == [0.1, "nan", 1e300]
    assert read[str(exact)]["keys"] == ["x", "y"]
    missing = -(2**63)
    rows = read[str(dates)]["splits"]["train"]
    assert [[row["day"], row["at"], row["exact"]] for row in rows] == [
        [0, 1, 2**62], [missing, -5, 3], [-719_162, missing, -5]
    ]  # fmt: skip
    assert [rows[0][name] for name in ("noon", "steps", "span", "weeks", "times")] == [
        0, [1, 2], [1, 2], [[1], [2, 3]], {"start": 7}
    ]  # fmt: skip
