"""Folders that TensorFlow Datasets has prepared (tools/make_golden_prepared.py) are read with its values."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace import datasets
from headrace.errors import HeadraceError, RecordError, SchemaError, UsageError
from headrace.images import decode_image

GOLDEN = Path(__file__).parents[1] / "golden" / "prepared"
VALUES = json.loads((GOLDEN / "values.json").read_text())
MISSING = {"number": -(2**63), "text": "", "pair": [-3.4028234663852886e38] * 2}  # TFDS has no nulls


def flatten(row: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in row.items():
        flat |= flatten(value, f"{prefix}{key}/") if isinstance(value, dict) else {prefix + key: value}
    return flat


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    rows = table.to_pylist()
    for field in table.schema:
        if isinstance(field.type, pa.FixedShapeTensorType):
            for row in rows:
                row[field.name] = np.reshape(row[field.name], field.type.shape).tolist()
    return rows


def copy(name: str, to: Path) -> Path:
    shutil.copytree(GOLDEN / name, to / name)
    return to / name / "1.0.0"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize("name", sorted(VALUES))
def test_every_feature_has_the_values_of_tensorflow_datasets(name: str, table) -> None:
    ds = datasets.load(GOLDEN / name, "train")
    assert ds.num_rows == 3
    rows, expected = rows_of(table(ds)), [flatten(row) for row in VALUES[name]]
    if name == "image_any":
        for row in rows:
            row["image"] = decode_image(row["image"]).tolist()
    if name == "optional":
        assert [row["number"] for row in rows].count(None) == 1
        rows = [{key: MISSING[key] if value is None else value for key, value in row.items()} for row in rows]
    assert rows == expected
    assert table(ds).schema == ds.schema == datasets.info(GOLDEN / name).schema


def test_the_card_is_that_of_the_folder() -> None:
    card = datasets.info("image_png", data_dir=GOLDEN)
    assert (card.name, card.version, card.label) == ("image_png", "1.0.0", "label")
    assert card.class_names == ("cat", "dog", "owl")
    assert card.full_rows == {"train": 3, "test": 2}
    assert datasets.info(GOLDEN / "boxes").class_names == ("cat", "dog", "owl")


def test_splits_slices_and_versions(tmp_path: Path, table) -> None:
    whole = datasets.load(GOLDEN / "text")
    assert {name: ds.num_rows for name, ds in whole.items()} == {"train": 3, "test": 2}
    texts = table(datasets.load("text", "train[-1]+test[:50%]+train[0shard]", data_dir=GOLDEN))["text"]
    train = [row["text"] for row in VALUES["text"]]
    test = table(whole["test"])["text"].to_pylist()
    assert texts.to_pylist() == [train[-1], test[0], *train]
    copy("text", tmp_path)
    shutil.copytree(tmp_path / "text" / "1.0.0", tmp_path / "text" / "1.10.0")
    change(tmp_path / "text" / "1.10.0" / "dataset_info.json", '"1.0.0"', '"1.10.0"')
    assert datasets.info(tmp_path / "text").version == "1.10.0"
    assert datasets.info(f"{tmp_path}/text:1.0.0").version == "1.0.0"
    assert datasets.info("text:1.0.0", data_dir=tmp_path).version == "1.0.0"
    for asked, found in (("*.*.*", "1.10.0"), ("1.*.*", "1.10.0"), ("1.0.*", "1.0.0"), ("1.*.0", "1.10.0")):
        assert datasets.info(f"{tmp_path}/text:{asked}").version == found
        assert datasets.info(f"text:{asked}", data_dir=tmp_path).version == found
    with pytest.raises(UsageError, match=r"'text' has version 1\.10\.0, not '2\.0\.0'"):
        datasets.load(f"{tmp_path}/text:2.0.0")


def test_rows_are_shuffled_and_resumed_by_number() -> None:
    ds = datasets.load(GOLDEN / "sequences", "train+test").shuffle(seed=0).batch(2)
    iterator = iter(ds)
    next(iterator)
    state = iterator.state_dict()
    rest = [batch.to_pylist() for batch in iterator]
    again = iter(ds)
    again.load_state_dict(state)
    assert [batch.to_pylist() for batch in again] == rest


def test_a_folder_that_is_not_prepared_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"not a data set; looked for dataset_info\.json"):
        datasets.load(tmp_path)
    with pytest.raises(UsageError, match="no such folder"):
        datasets.load(tmp_path / "absent")


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    folder = copy("text", tmp_path)
    (folder / "text-test.tfrecord-00000-of-00001").unlink()
    with pytest.raises(UsageError, match=r"text-test\.tfrecord-00000-of-00001: this shard is missing"):
        datasets.load(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        ("dataset_info.json", "{DATASET}", "../{DATASET}", "not the name of a file: '../text-train"),
        ("dataset_info.json", '"shardLengths"', '"lengths"', "expected the number of rows of each shard"),
        ("dataset_info.json", '"3"', '"-3"', "expected the number of rows of each shard"),
        ("dataset_info.json", '"splits"', '"parts"', "expected a list of splits"),
        ("dataset_info.json", '"fileFormat": "tfrecord"', '"fileFormat": "riegeli"', "the files are riegeli"),
        ("dataset_info.json", "{", "", "not JSON"),
        ("features.json", "text_feature.Text", "x.Y", None),
        ("features.json", '"text": {}', '"x": {}', "'text': a feature that has no column: Text"),
        ("features.json", '"featuresDict"', '"tensor"', "values of type 'None'"),
    ],
)  # fmt: skip
def test_a_damaged_description_is_one_line(
    tmp_path: Path, file: str, old: str, new: str, what: str | None
) -> None:
    folder = copy("text", tmp_path)
    change(folder / file, old, new)
    if what is None:
        assert datasets.load(folder, "test").num_rows == 2
        return
    with pytest.raises(HeadraceError, match=what) as caught:
        datasets.load(folder)
    assert caught.value.path is not None


@pytest.mark.parametrize("count", [33, 50_000])
def test_deeply_nested_features_are_refused(tmp_path: Path, count: int) -> None:
    folder = copy("text", tmp_path)
    (folder / "features.json").write_text('{"sequence": {"feature": ' * count + "{}" + "}}" * count)
    with pytest.raises(HeadraceError, match=r"nested more than 32 levels|not JSON"):
        datasets.load(folder)


def test_other_records_than_the_features_say_are_refused(tmp_path: Path, table) -> None:
    folder = copy("encoded", tmp_path)
    change(folder / "features.json", '"float64"', '"float32"')
    with pytest.raises(RecordError, match=r"'fixed': expected a float32 tensor of shape \[2, 2\]"):
        table(datasets.load(folder, "train"))
    folder = copy("image_gray", tmp_path)
    change(folder / "features.json", '"4"', '"5"')
    with pytest.raises(
        RecordError, match=r"'image': expected an image of shape \[5, 5, 1\], got \[4, 4, 1\]"
    ):
        table(datasets.load(folder, "train"))
    folder = copy("scalars", tmp_path)
    change(folder / "features.json", '"uint8"', '"int8"')
    with pytest.raises((RecordError, SchemaError), match="'u8'"):
        table(datasets.load(folder, "train"))


def test_a_compressed_tensor_is_bounded_by_its_shape(tmp_path: Path, table) -> None:
    folder = copy("encoded", tmp_path)
    features = json.loads((folder / "features.json").read_text())
    features["featuresDict"]["features"]["packed"]["tensor"]["shape"]["dimensions"] = ["2"]
    (folder / "features.json").write_text(json.dumps(features))
    with pytest.raises(RecordError, match=r"'packed': expected a int64 tensor of shape \[2\] \(.* than 16\)"):
        table(datasets.load(folder, "train"))
