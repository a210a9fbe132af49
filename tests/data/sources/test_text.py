import warnings
import zipfile

import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError

FILES = {
    "README": b"not a text",
    "pos/b.txt": "très bon".encode(),
    "pos/a.txt": b"good",
    "neg/c.txt": "pass\xe9".encode("latin-1"),
    "neg/.hidden": b"x",
    "__MACOSX/._a.txt": b"x",
}


@pytest.fixture(params=["folder", "zip", "folder below", "zip below"])
def place(request, tmp_path):
    kind, below = request.param.split()[0], "data/" * ("below" in request.param)
    return lay_out(tmp_path, kind, {below + name: data for name, data in FILES.items()})


def lay_out(tmp_path, kind, files):
    if kind == "zip":
        with zipfile.ZipFile(tmp_path / "texts.zip", "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return tmp_path / "texts.zip"
    for name, data in files.items():
        (tmp_path / "texts" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "texts" / name).write_bytes(data)
    return tmp_path / "texts"


def test_texts_are_sorted_with_their_folder_as_label(place):
    ds = Dataset.from_text(place)
    assert [row for batch in ds for row in batch.to_pylist()] == [
        {"text": "passé", "label": "neg"},
        {"text": "good", "label": "pos"},
        {"text": "très bon", "label": "pos"},
    ]
    assert ds.num_rows == 3
    assert not any(field.nullable for field in ds.schema)


def test_many_files_are_read_in_several_batches(tmp_path):
    ds = Dataset.from_text(lay_out(tmp_path, "zip", {f"a/{k:04}": b"%d" % k for k in range(600)}))
    assert [batch.num_rows for batch in ds] == [256, 256, 88]
    assert [int(text) for batch in ds for text in batch["text"].to_pylist()] == list(range(600))


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_text_above_the_limit_is_named(tmp_path, kind):
    ds = Dataset.from_text(lay_out(tmp_path, kind, {"a/x.txt": bytes((16 << 20) + 1)}))
    with pytest.raises(UsageError, match=r"a/x.txt: the text is larger than 16 MiB"):
        list(ds)


@pytest.mark.parametrize("name", ["../a/x.txt", "/a/x.txt", "a/../../x.txt"])
def test_a_zip_with_unsafe_paths_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match=r"unsafe path"):
        list(Dataset.from_text(lay_out(tmp_path, "zip", {name: b"x"})))


@pytest.mark.parametrize("second", ["a/x.txt", "a/./x.txt"])
def test_a_zip_with_one_name_twice_is_refused(tmp_path, second):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive, warnings.catch_warnings(action="ignore"):
        archive.writestr("a/x.txt", "one")
        archive.writestr(second, "two")
    with pytest.raises(UsageError, match="two files of this name") as caught:
        list(Dataset.from_text(tmp_path / "t.zip"))
    assert caught.value.path == f"{tmp_path}/t.zip/{second}"


def test_a_damaged_member_is_named(tmp_path):
    path = lay_out(tmp_path, "zip", {"a/x.txt": b"spoil me"})
    path.write_bytes(path.read_bytes().replace(b"spoil me", b"spoilt !"))
    with pytest.raises(UsageError, match=r"texts.zip/a/x.txt: cannot read the file \(Bad CRC-32"):
        list(Dataset.from_text(path))


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_class_folders_in_two_places_are_refused(tmp_path, kind):
    files = {"train/pos/a": b"", "test/pos/a": b""}
    with pytest.raises(SchemaError, match=r"found them in 2 \(test, train\); pass one"):
        list(Dataset.from_text(lay_out(tmp_path, kind, files)))


def test_files_without_a_class_folder_are_refused(tmp_path):
    with pytest.raises(SchemaError, match="no class folder contains a text; left out 1 x outside the class"):
        list(Dataset.from_text(lay_out(tmp_path, "folder", {"a.txt": b"x"})))


def test_a_path_that_is_neither_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"no such folder or .zip"):
        Dataset.from_text(tmp_path / "nothing")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(UsageError, match=r"neither a folder nor a .zip"):
        Dataset.from_text(tmp_path / "a.txt")
