"""Situations of public issues about loading data sets, splits and downloads; their numbers are in the ids."""

import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace import datasets
from headrace.data import Dataset
from headrace.errors import HeadraceError
from headrace.images import encode_png

PNG = encode_png(np.zeros((2, 2, 3), np.uint8))
HF, TFDS = "huggingface/datasets", "tensorflow/datasets"
Content = str | bytes | pa.Table


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def put(folder: Path, files: Mapping[str, Content]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def pack(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def read(ds: Dataset) -> list[dict[str, Any]]:
    return [row for batch in ds for row in batch.to_pylist()]


def a(*values: Any) -> list[dict[str, Any]]:
    return [{"a": value} for value in values]


def sample(key: str, **files: Any) -> dict[str, Any]:
    return {"__key__": key, **files}


CARD = "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: {}\n    path: '{}'\n---\n"


@pytest.mark.parametrize(
    ("files", "below", "rows"),
    [
        pytest.param(
            {"data/test.parquet": pa.table({"a": [2]}), "data/train.parquet": pa.table({"a": [1]})},
            "", {"train": a(1), "test": a(2)}, id="marin-community/marin#2381 splits in one folder",
        ),
        pytest.param(
            {"data1/train.parquet": pa.table({"a": [1]}), "data2/train.parquet": pa.table({"a": [2]})},
            "data1", {"train": a(1)}, id=f"{HF}#6918 one of two folders",
        ),
        pytest.param(
            {"train.jsonl": lines(*a(1)), "test.jsonl": lines(*a(2))},
            "", {"train": a(1), "test": a(2)}, id="OpenRLHF/OpenRLHF#367 files that name splits",
        ),
        pytest.param(
            {"tasks/expert.jsonl": lines(*a(1)), "README.md": CARD.format("all_examples", "tasks/*.jsonl")},
            "", {"all_examples": a(1)}, id=f"{HF}#7394 a split of any name",
        ),
        pytest.param(
            {"part/x0.csv": "a\n0\n", "part/x1.csv": "a\n1\n", "part/x2.csv": "a\n2\n",
             "README.md": CARD.format("train", "part/*[0-1].csv")},
            "", {"train": a(0, 1)}, id=f"{HF}#2991 patterns in the card",
        ),
        pytest.param({"[D]/te?st*/train.csv": "a\n1\n"}, "[D]/te?st*", {"train": a(1)},
                     id=f"{HF}#7468 a folder with brackets"),
        pytest.param({".hidden/x/train.csv": "a\n1\n"}, ".hidden/x", {"train": a(1)},
                     id=f"{HF}#6073 below a hidden folder"),
        pytest.param({"x/train.csv": "a\n1\n", "y/z": ""}, "y/../x", {"train": a(1)},
                     id=f"{HF}#4505 double dots in the path"),
        pytest.param(
            {"train-0.jsonl": lines({"a": 1, "d": []}), "train-1.jsonl": lines({"a": 2, "d": [{"x": 1}]})},
            "", {"train": [{"a": 1, "d": []}, {"a": 2, "d": [{"x": 1}]}]}, id=f"{HF}#7092 empty lists first",
        ),
        pytest.param(
            {"test_0.jsonl": lines({"a": "x", "d": None}), "test_1.jsonl": lines({"a": None, "d": "y"})},
            "", {"test": [{"a": "x", "d": None}, {"a": None, "d": "y"}]}, id=f"{HF}#7222 nulls first",
        ),
        pytest.param(
            {"train-0.jsonl": lines(*a(1)), "train-1.jsonl": lines({"a": 2, "b": 3})},
            "", {"train": [{"a": 1, "b": None}, {"a": 2, "b": 3}]},
            id="YichenZW/Coh-MGT-Detection#4 a column that a file lacks",
        ),
        pytest.param(
            {"train-0.parquet": pa.table({"a": pa.nulls(0)}), "train-1.parquet": pa.table({"a": [1]})},
            "", {"train": a(1)}, id="open-spaced-repetition/srs-benchmark#87 an empty file first",
        ),
        pytest.param({"train-0.csv": "a\n", "train-1.csv": "a\n1.5\n"}, "", {"train": a(1.5)},
                     id="open-spaced-repetition/srs-benchmark#87 an empty CSV file first"),
        pytest.param(
            {"train-0.tar": pack(("a.1.jpg", b"1"), ("b.1.jpg", b"2"), ("b.2.jpg", b"3"))}, "",
            {"train": [
                sample("a", **{"1.jpg": b"1", "2.jpg": None}), sample("b", **{"1.jpg": b"2", "2.jpg": b"3"})
            ]},
            id=f"{HF}#7055 samples of several images",
        ),
        pytest.param({"train-0.tar": pack(("s/22.0/1.1.png", b"x"))}, "",
                     {"train": [{"__key__": "s/22.0/1", "1.png": b"x"}]}, id=f"{HF}#7150 dots in folders"),
        pytest.param({"train-0.tar": pack(("1.Left.jpg", b"x"), ("1.RIGHT.jpg", b"y"))}, "",
                     {"train": [{"__key__": "1", "left.jpg": b"x", "right.jpg": b"y"}]},
                     id=f"{HF}#7732 capitals in extensions"),
        pytest.param({"train-0.tar": pack(("1.png", b"1"), ("1.cls", b"2"), ("2.cls", b"3"))}, "",
                     {"train": [sample("1", png=b"1", cls=2), sample("2", png=None, cls=3)]},
                     id=f"{HF}#6880 a sample without its image"),
        pytest.param(
            {f"{name}.tar": pack((f"{cls}.cls", b"%d" % cls))
             for name, cls in (("train-0", 1), ("train-1", 2), ("test", 3))},
            "", {"train": [sample("1", cls=1), sample("2", cls=2)], "test": [sample("3", cls=3)]},
            id=f"{HF}#7473 one archive in a split, two in another",
        ),
    ],
)  # fmt: skip
def test_folders_are_read(
    files: Mapping[str, Content], below: str, rows: Mapping[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    folder = put(tmp_path, files) / below
    assert {split: read(ds) for split, ds in datasets.load(folder).items()} == rows


@pytest.mark.parametrize(
    ("files", "split", "what"),
    [
        pytest.param({"x.jsonl": lines(*a(1)), "README.md": CARD.format("one", "x.jsonl")}, "train",
                     "unknown split 'train'", id=f"{HF}#7394 a split that is not there"),
        pytest.param({"contest.txt": "a", "my train ride.txt": "b"}, None,
                     "found 2 texts outside of folders that .* make a folder", id=f"{HF}#5721 flat"),
        pytest.param({"a.png": PNG}, None, r"found 1 images outside of folders .* add metadata\.csv",
                     id="tensorflow/tensorflow#45397 images without classes"),
        pytest.param({"x/notes.bin": ""}, None, r"not a data set; looked for dataset_info\.json",
                     id=f"{TFDS}#2613 no dataset_info.json"),
        pytest.param({"train-0.csv": "a\n1\n", "train-1.csv": "a,b\n1,2\n"}, "train",
                     r"train-1\.csv: expected the columns of .*train-0\.csv, \['a'\], got \['a', 'b'\]",
                     id=f"{HF}#6410 files of other columns"),
        pytest.param({"train.tar": pack(("1.png", b""), ("2.png", b""), ("1.cls", b"1"))}, "train",
                     "the files of the sample '1' do not follow each other",
                     id="webdataset/webdataset#407 not sorted"),
    ],
)  # fmt: skip
def test_what_a_folder_lacks_is_one_line(
    files: Mapping[str, Content], split: str | None, what: str, tmp_path: Path
) -> None:
    put(tmp_path, files)
    with pytest.raises(HeadraceError, match=what) as caught:
        read(datasets.load(tmp_path, split or "train"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("split", "rows"),
    [
        pytest.param("train[10%:20%]", range(3, 6), id=f"{HF}#7721 percent"),
        pytest.param("train[:67%]", range(20), id=f"{TFDS}#665 two thirds"),
        pytest.param("train[67%:]", range(20, 30), id=f"{TFDS}#665 and the other third"),
        pytest.param("train[:10%]+train[-80%:]", [*range(3), *range(6, 30)], id=f"{TFDS}#2078 a sum"),
        pytest.param("test[50%:]", range(101, 102), id=f"{TFDS}#1063 half of the test data"),
        pytest.param("test[:50%]", range(100, 101), id=f"{TFDS}#3782 and the other half"),
        pytest.param("test", range(100, 102), id="hiyouga/LlamaFactory#1731 the test data"),
        pytest.param("train[:90000]", None, id=f"{HF}#7721 more rows than there are"),
        pytest.param("test[50%]", None, id=f"{TFDS}#3782 percent without a colon"),
        pytest.param("train[:0.8]", None, id="google/flax#185 a fraction"),
        pytest.param("Train", None, id=f"{HF}#4895 a split in capitals"),
    ],
)
def test_splits_choose_rows_or_say_why_not(split: str, rows: Any, tmp_path: Path) -> None:
    folder = put(tmp_path, {"train.jsonl": lines(*a(*range(30))), "test.jsonl": lines(*a(100, 101))})
    if rows is None:
        with pytest.raises(HeadraceError, match=r"train|test"):
            datasets.load(folder, split)
        return
    ds = datasets.load(folder, split)
    assert isinstance(ds, Dataset)
    assert [row["a"] for row in read(ds)] == list(rows)


def test_a_percent_that_rounds_to_the_first_row_is_a_warning(tmp_path: Path) -> None:
    """Issue huggingface/datasets#8473: -1 % of 30 rows; the rows are those of TensorFlow Datasets."""
    folder = put(tmp_path, {"train.jsonl": lines(*a(*range(30)))})
    with pytest.warns(UserWarning, match="-1% of the 30 rows of 'train' rounds to row 0, counted from"):
        assert datasets.load(folder, "train[-1%:]").num_rows == 30


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        pytest.param(["1", "2", "10"], ("1", "10", "2"), id="pytorch/vision#714 numbers"),
        pytest.param(["steak", "Pizza"], ("Pizza", "steak"), id="tensorflow/tensorflow#50124 any order"),
        pytest.param(["data"], ("data",), id=f"{HF}#5153 a single folder"),
    ],
)
def test_classes_are_sorted_as_strings(names: list[str], classes: tuple[str, ...], tmp_path: Path) -> None:
    put(tmp_path, {f"{name}/{number}.png": PNG for name in names for number in range(2)})
    ds, card = datasets.load(tmp_path, "train", with_info=True)
    assert card.class_names == classes
    assert sorted(row["label"] for row in read(ds)) == sorted([*range(len(classes))] * 2)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        pytest.param("fashon_mnist", "did you mean 'fashion_mnist' or 'mnist'", id=f"{TFDS}#11039 misspelt"),
        pytest.param("/path/in my/laptop", "no such folder or data set", id=f"{TFDS}#11039 no folder"),
    ],
)  # fmt: skip
def test_what_cannot_be_found_is_one_line(name: str, what: str) -> None:
    with pytest.raises(HeadraceError, match=what):
        datasets.load(name)


def test_other_bytes_than_the_publishers_name_the_file_and_both_checksums(tmp_path: Path) -> None:
    """Issues tensorflow/datasets#2016, #2375, #3131, #4012: the publisher has changed the file."""
    put(tmp_path, {"phpMYEkMl.csv": "x" * 117_743})
    with pytest.raises(HeadraceError, match=r"phpMYEkMl\.csv: .*c617db2c74") as caught:
        datasets.prepare("titanic", tmp_path / "data", mirror=tmp_path)
    assert "\n" not in str(caught.value)


def test_prepared_folders_are_read_without_tensorflow() -> None:
    """Issues tensorflow/datasets#4354 and #11058."""
    folder = Path(__file__).parents[1] / "golden" / "prepared" / "image_png"
    code = (
        "import sys, headrace as hr; ds = hr.datasets.load(sys.argv[1], 'train', as_supervised=True);"
        "next(iter(ds)); print(sorted({'tensorflow', 'tensorflow_datasets', 'torch'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
