"""Folders in the manners of Hugging Face, webdataset, Kaggle and class folders are loaded by one call."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace import datasets, records
from headrace.data import Dataset
from headrace.errors import HeadraceError, SchemaError, UsageError
from headrace.images import decode_image, encode_png

CARD = """---
license: mit
pretty_name: Moods
configs:
- config_name: en
  data_files:
  - split: train
    path: "en/train-*.parquet"
  - split: test
    path: en/test.parquet
- config_name: fr
  data_dir: fr
dataset_info:
- config_name: en
  features:
  - name: text
    dtype: string
  - name: label
    dtype:
      class_label:
        names:
          '0': sad
          '1': glad
  splits:
  - name: train
    num_examples: 4
  - name: test
    num_examples: 1
---

# Moods

Sentences and their moods,
by language.

```
@article{moods,
  title={Moods}
}
```
"""


def rows(*texts: str) -> pa.Table:
    return pa.table({"text": list(texts), "label": [len(text) % 2 for text in texts]})


def read(ds: Dataset, column: str = "text") -> list[Any]:
    return [value for batch in ds for value in batch.column(column).to_pylist()]


def write_parquet(folder: Path, **tables: pa.Table) -> Path:
    for name, table in tables.items():
        path = folder / f"{name.replace('__', '/')}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
    return folder


@pytest.fixture
def moods(tmp_path: Path) -> Path:
    folder = write_parquet(
        tmp_path / "moods",
        **{
            "en__train-00000-of-00002": rows("a", "bb"),
            "en__train-00001-of-00002": rows("ccc", "dddd"),
            "en__test": rows("e"),
            "fr__dev": rows("f", "gg"),
            "fr__training": rows("h"),
        },
    )
    (folder / "README.md").write_text(CARD)
    return folder


def test_the_card_says_what_belongs_to_a_configuration(moods: Path) -> None:
    ds, card = datasets.load(f"{moods}/en", with_info=True)
    assert read(ds["train"]) == ["a", "bb", "ccc", "dddd"]
    assert read(ds["test"]) == ["e"]
    assert (card.name, card.licence, card.label) == ("moods", "mit", "label")
    assert card.class_names == ("sad", "glad")
    assert dict(card.full_rows) == {"train": 4, "test": 1}
    assert card.description == "Sentences and their moods, by language."
    assert card.citation == "@article{moods,\n  title={Moods}\n}"
    french = datasets.load(f"{moods}/fr")
    assert list(french) == ["train", "validation"]
    assert read(datasets.load(f"{moods}/fr", "train+validation[50%:]")) == ["h", "gg"]
    with pytest.raises(UsageError, match="names the configurations en, fr, and none of them is the default"):
        datasets.load(moods)
    with pytest.raises(UsageError, match="unknown configuration 'de'"):
        datasets.load(f"{moods}/de")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["train", "test"], {"train": ["train"], "test": ["test"]}),
        (["data__train-00000-of-00001", "data__dev"], {"train": [...], "validation": [...]}),
        (["training_set", "eval", "val2017"], {"train": [...], "validation": [...], "test": [...]}),
        (["train__b", "train__a", "test__a"], {"train": ["train__a", "train__b"], "test": ["test__a"]}),
        (["labelled-00000-of-00001", "rest-00000-of-00001"], {"labelled": [...], "rest": [...]}),
        (["b", "a"], {"train": ["a", "b"]}),
        (["contrast", "attest"], {"train": ["attest", "contrast"]}),
    ],
)
def test_splits_are_named_by_words(names: list[str], expected: dict[str, list[Any]], tmp_path: Path) -> None:
    folder = write_parquet(tmp_path / "data", **{name: rows(name) for name in names})
    found = {split: read(ds) for split, ds in datasets.load(folder).items()}
    assert list(found) == list(expected)
    assert sorted(text for texts in found.values() for text in texts) == sorted(names)
    for split, texts in expected.items():
        assert texts == [...] or found[split] == texts


def test_files_that_name_no_split_are_left_out_with_a_warning(tmp_path: Path) -> None:
    for name in ("train", "test", "sample_submission"):
        (tmp_path / f"{name}.csv").write_text(f"id,text\n1,{name}\n")
    with pytest.warns(UserWarning, match="1 files name no split and are left out: sample_submission.csv"):
        ds = datasets.load(tmp_path)
    assert {split: read(each) for split, each in ds.items()} == {"train": ["train"], "test": ["test"]}


def write_jsonl(folder: Path) -> None:
    (folder / "train.jsonl").write_text('{"text": "a"}\n{"text": "b"}\n')


def write_arrow(folder: Path) -> None:
    Dataset.from_arrow(rows("a", "b")).write(folder / "train", "arrow", shards=2)


def write_records(folder: Path) -> None:
    records.write(folder / "train", rows("a", "b"), shards=2)


def write_tar(folder: Path) -> None:
    for number, text in enumerate("ab"):
        with tarfile.open(folder / f"train-{number:06}.tar", "w") as file:
            member = tarfile.TarInfo(f"{number}.text")
            member.size = 1
            file.addfile(member, io.BytesIO(text.encode()))


@pytest.mark.parametrize("write", [write_jsonl, write_arrow, write_records, write_tar])
def test_every_kind_of_files(write: Callable[[Path], None], tmp_path: Path) -> None:
    write(tmp_path)
    texts = read(datasets.load(tmp_path, "train"))
    assert [text.decode() if isinstance(text, bytes) else text for text in texts] == ["a", "b"]
    assert read(datasets.load(tmp_path, "train[1]")) in (["b"], [b"b"])


def list_files(ds: Dataset) -> set[tuple[int, str]]:
    return set(zip(read(ds, "label"), read(ds, "filename"), strict=True))


def test_images_by_class(tmp_path: Path) -> None:
    for split, count in (("train", 5), ("val", 2)):
        for value, name in ((0, "cat"), (255, "dog")):
            folder = tmp_path / "pets" / split / name
            folder.mkdir(parents=True)
            for number in range(count):
                (folder / f"{number}.png").write_bytes(encode_png(np.full((2, 2, 3), value, np.uint8)))
    ds, card = datasets.load(tmp_path / "pets", with_info=True)
    assert (card.class_names, card.label) == (("cat", "dog"), "label")
    assert {split: each.num_rows for split, each in ds.items()} == {"train": 10, "validation": 4}
    first, rest = datasets.load(tmp_path / "pets", ["train[:40%]", "train[40%:]"])
    for epoch in range(2):
        names = [list_files(part.epoch(epoch)) for part in (first, rest)]
        assert len(names[0] | names[1]) == 10
        assert names[0] == list_files(first)
    for batch in ds["train"]:
        for image, label in zip(batch["image"].to_pylist(), batch["label"].to_pylist(), strict=True):
            assert decode_image(image)[0, 0, 0] == (0, 255)[label]
    assert len(set(read(ds["train"], "label")[:5])) == 2  # not sorted by class


def test_texts_by_class_without_splits(tmp_path: Path) -> None:
    for name in ("neg", "pos"):
        (tmp_path / "reviews" / name).mkdir(parents=True)
        (tmp_path / "reviews" / name / "1.txt").write_text(name)
    ds, card = datasets.load(tmp_path / "reviews", "train", with_info=True, as_supervised=True)
    assert card.class_names == ("neg", "pos")
    assert ds.schema.names == ["text", "label"]
    assert sorted(zip(read(ds), read(ds, "label"), strict=True)) == [("neg", 0), ("pos", 1)]
    (tmp_path / "reviews" / "test" / "unsup").mkdir(parents=True)


def test_what_is_ambiguous_or_unreadable_is_one_line(tmp_path: Path, moods: Path) -> None:
    folder = write_parquet(tmp_path / "mixed", train=rows("a"))
    (folder / "test.csv").write_text("text\nb\n")
    with pytest.raises(UsageError, match="found files of several kinds: 1 CSV, 1 Parquet; keep one kind"):
        datasets.load(folder)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UsageError, match=r"not a data set; looked for dataset_info\.json, .* TFRecord files"):
        datasets.load(empty)
    with pytest.raises(UsageError, match="no such folder"):
        datasets.load(tmp_path / "absent" / "folder")
    both = write_parquet(tmp_path / "both", **{"train-test": rows("a")})
    with pytest.raises(UsageError, match="the words of two splits, test and train"):
        datasets.load(both)
    (moods / "en" / "test.parquet").unlink()
    with pytest.raises(UsageError, match=r"the card names files that are missing: 'en/test\.parquet'"):
        datasets.load(f"{moods}/en")


@pytest.mark.parametrize(
    ("card", "what"),
    [
        ("configs: [{data_files: [{split: train, path: ../secret.csv}]}]", "outside of the folder"),
        ("configs: [{data_files: /etc/passwd}]", "outside of the folder"),
        ("configs: [{data_files: 'https://x.org/a.csv'}]", "outside of the folder"),
        ("configs: [{data_files: [{split: train}]}]", "expected `split` and `path`"),
        ("a: [1", "its card is not YAML"),
        ("a: &a [1]\nb: *a", "aliases are not supported"),
        ("a: !!python/object/apply:os.getcwd []", "its card is not YAML"),
        ("- 1", "expected keys and values"),
        ("[" * 5000, "its card is not YAML"),
    ],
)
def test_a_damaged_card_is_one_line(card: str, what: str, tmp_path: Path) -> None:
    folder = write_parquet(tmp_path / "data", train=rows("a"))
    (folder / "README.md").write_text(f"---\n{card}\n---\n")
    with pytest.raises(UsageError, match=what) as caught:
        datasets.load(folder)
    assert "README.md" in str(caught.value) or caught.value.path is not None


def test_files_of_hugging_face_hold_the_bytes_of_images(tmp_path: Path) -> None:
    pixels = encode_png(np.zeros((2, 2, 3), np.uint8))
    struct = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    names = b'{"info": {"features": {"mood": {"names": ["sad", "glad"], "_type": "ClassLabel"}}}}'
    table = pa.table({"image": pa.array([{"bytes": pixels, "path": "x.png"}], struct), "mood": [1]})
    write_parquet(tmp_path / "images", train=table.replace_schema_metadata({b"huggingface": names}))
    ds, card = datasets.load(tmp_path / "images", "train", with_info=True)
    assert read(ds, "image") == [pixels]
    assert (card.label, card.class_names) == ("mood", ("sad", "glad"))
    secret = pa.table({"image": pa.array([{"bytes": None, "path": "/etc/passwd"}], struct)})
    write_parquet(tmp_path / "paths", train=secret)
    with pytest.raises(SchemaError, match="'image': expected the bytes of files, got paths"):
        datasets.load(tmp_path / "paths", "train")


def test_saved_data_sets_of_hugging_face(tmp_path: Path) -> None:
    hf = pytest.importorskip("datasets")
    features = hf.Features({"text": hf.Value("string"), "label": hf.ClassLabel(names=["sad", "glad"])})
    made = {
        split: hf.Dataset.from_dict({"text": texts, "label": [len(text) % 2 for text in texts]}, features)
        for split, texts in (("train", ["a", "bb", "ccc"]), ("test", ["d"]))
    }
    hf.DatasetDict(made).save_to_disk(tmp_path / "saved", num_shards={"train": 2, "test": 1})
    ds, card = datasets.load(tmp_path / "saved", with_info=True)
    assert {split: read(each) for split, each in ds.items()} == {"train": ["a", "bb", "ccc"], "test": ["d"]}
    assert (card.label, card.class_names, dict(card.full_rows)) == (
        "label",
        ("sad", "glad"),
        {"train": 3, "test": 1},
    )
    assert read(datasets.load(tmp_path / "saved" / "train", "train[-1]")) == ["ccc"]
    state = tmp_path / "saved" / "train" / "state.json"
    state.write_text(state.read_text().replace("data-00000", "../test/data-00000"))
    with pytest.raises(HeadraceError, match=r"not a name: '\.\./test"):
        datasets.load(tmp_path / "saved")
    next((tmp_path / "saved" / "test").glob("*.arrow")).unlink()
    with pytest.raises(UsageError, match="this file is missing"):
        datasets.load(tmp_path / "saved" / "test")


def test_a_file_in_place_of_a_folder_is_named(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("a\n1\n")
    with pytest.raises(UsageError, match=r"rows\.csv: expected a folder, got a file; name its folder"):
        datasets.load(path)


def test_images_beside_a_table_of_another_name_are_left_out_with_a_warning(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "1.png").write_bytes(b"")
    (tmp_path / "train" / "table.csv").write_text("file_name,text\n1.png,hello\n")
    with pytest.warns(
        UserWarning, match=r"left out 1 images \(train/1.png, ...\); the rows are those of the CSV"
    ):
        assert datasets.load(tmp_path, "train").num_rows == 1


def test_what_macos_puts_into_archives_is_not_a_class(tmp_path):
    for name in ("cat/1.txt", "dog/1.txt", "__MACOSX/cat/._1.txt"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(name)
    assert datasets.info(tmp_path).class_names == ("cat", "dog")
    assert datasets.load(tmp_path, "train").num_rows == 2
