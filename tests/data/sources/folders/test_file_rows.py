"""Files of class folders by number: images, texts, and texts in a .zip."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.data.sources import ImageSource, TextSource
from headrace.data.sources.folders import file_rows
from headrace.errors import SchemaError, UsageError
from headrace.images import encode_png

Source = ImageSource | TextSource
FILES = 300


def write(folder: Path, contents: Callable[[int], bytes], extension: str) -> Path:
    for number in range(FILES):
        path = folder / f"class{number % 7}" / f"{number:03}{extension}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents(number))
    return folder


@pytest.fixture(params=["images", "texts", "zip"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    if request.param == "images":
        png = encode_png(np.zeros((2, 2), np.uint8))
        return ImageSource.from_folder(write(tmp_path, lambda number: png + b"%d" % number, ".png"))
    folder = write(tmp_path / "texts", lambda number: b"%d words" % number, ".txt")
    if request.param == "texts":
        return TextSource.from_folder(folder)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number, path in enumerate(sorted(folder.rglob("*.txt"))):
            methods = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
            archive.write(path, path.relative_to(folder), methods[number % 4])
    return TextSource.from_folder(tmp_path / "a.zip")


def whole(source: Source) -> pa.Table:
    return pa.Table.from_batches(list(source.read()))


def test_rows_in_any_order(source: Source) -> None:
    rows, table = source.open_rows(), whole(source)
    assert rows.num_rows == table.num_rows == FILES
    for chosen in (np.random.default_rng(0).permutation(FILES), np.array([5, 5, 299, 0]), np.arange(0)):
        batch = rows.take(chosen)
        assert batch.schema == source.schema
        assert batch.to_pylist() == table.take(pa.array(chosen)).to_pylist()
    assert rows.row_bytes == pytest.approx(table[0].nbytes / FILES, rel=0.5)


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("batch_bytes", [50, 1 << 20])
def test_a_scan_continues_with_the_same_batches(
    source: Source, monkeypatch: pytest.MonkeyPatch, threads: int, batch_bytes: int
) -> None:
    monkeypatch.setattr(file_rows, "available_cpus", lambda: threads)
    monkeypatch.setattr(file_rows, "_BATCH_BYTES", batch_bytes)
    monkeypatch.setattr(file_rows, "_RUN_BYTES", 3_000)
    rows = source.open_rows()
    batches = [batch.to_pylist() for batch in rows.scan(0)]
    assert [row for batch in batches for row in batch] == whole(source).to_pylist()
    start = 0
    for number, batch in enumerate(batches):
        if number % 10 == 0:
            assert [rest.to_pylist() for rest in rows.scan(start)] == batches[number:]
        start += len(batch)
    assert list(rows.scan(start)) == []


def test_columns_are_selected(source: Source) -> None:
    make, (content, *others) = type(source).from_folder, source.schema.names
    table = whole(source)
    for columns in (["label"], ["label", content], others):
        chosen = make(source.path, columns)
        assert chosen.schema.names == columns
        assert whole(chosen).equals(table.select(columns))
        assert whole(source.select_columns(columns)).equals(table.select(columns))
        assert chosen.open_rows().take(np.array([9, 4])).num_rows == 2
    assert source.prune_columns(["label"]).schema.names == ["label"]
    assert source.prune_columns(["absent"]) is source
    with pytest.raises(SchemaError, match="lacks this column"):
        make(source.path, ["labels"])


def test_labels_are_known_without_reading_files(tmp_path: Path) -> None:
    folder = write(tmp_path, lambda number: b"not an image", ".png")  # noqa: ARG005
    train, test = Dataset.from_images(folder).split(0.8, 0.2, stratify="label")
    assert (train.num_rows, test.num_rows) == (240, 60)
    assert len(list(Dataset.from_images(folder, columns=["label", "filename"]).batch(400))) == 1


def test_threads_share_a_reader(source: Source) -> None:
    rows, table = source.open_rows(), whole(source)
    parts = np.split(np.random.default_rng(0).permutation(FILES), 30)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(rows.take, parts))
    assert [row for part in taken for row in part.to_pylist()] == table.take(
        pa.array(np.concatenate(parts))
    ).to_pylist()


def test_a_reader_travels_to_another_process(source: Source) -> None:
    rows = pickle.loads(pickle.dumps(source.open_rows()))
    assert rows.take(np.array([7, 3])).equals(source.open_rows().take(np.array([7, 3])))


def test_a_shuffled_folder_is_mixed_over_all_classes(source: Source) -> None:
    ds = Dataset(source).shuffle(seed=0).batch(70)
    labels = [set(batch["label"].to_pylist()) for batch in ds]
    assert all(len(found) == 7 for found in labels)
    assert sorted(str(row) for batch in ds for row in batch.to_pylist()) == sorted(
        map(str, whole(source).to_pylist())
    )


def test_the_fingerprint_changes_with_the_files(source: Source) -> None:
    before = source.fingerprint
    assert type(source)(source.path).fingerprint == before
    path = Path(source.path)
    changed = next(path.rglob("*/*")) if path.is_dir() else path
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    assert type(source)(source.path).fingerprint != before


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    source = TextSource.from_folder(write(tmp_path, lambda number: b"x", ".txt"))  # noqa: ARG005
    rows = source.open_rows()
    (tmp_path / "class3/003.txt").unlink()
    with pytest.raises(UsageError, match=r"class3/003\.txt: cannot read the file: No such file"):
        rows.take(np.arange(FILES))


def test_a_file_of_another_kind_is_named_wherever_it_is_read(tmp_path: Path) -> None:
    png = encode_png(np.zeros((2, 2), np.uint8))
    folder = write(tmp_path, lambda number: b"" if number == 100 else png, ".png")
    rows = ImageSource.from_folder(folder).open_rows()
    with pytest.raises(SchemaError, match=r"class2/100\.png: expected a JPEG"):
        rows.take(np.arange(FILES - 1, -1, -1))


@pytest.mark.parametrize("make", [ImageSource.from_folder, TextSource.from_folder])
def test_a_name_that_is_not_unicode_is_refused(tmp_path: Path, make: Callable[[Path], Source]) -> None:
    (tmp_path / "a").mkdir()
    try:
        for suffix in (b"png", b"txt"):
            Path(os.fsdecode(os.fsencode(tmp_path / "a") + b"/\xff." + suffix)).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system has no such names")
    with pytest.raises(UsageError, match=r"expected names in UTF-8, got '.udcff....' in 'a'"):
        _ = make(tmp_path).num_rows


def test_a_zip_whose_directory_promises_less_than_a_file_has(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/x.txt", bytes(100_000))
    data = (tmp_path / "a.zip").read_bytes()
    at = data.index(b"PK\x01\x02") + 24  # the size in the directory
    (tmp_path / "a.zip").write_bytes(data[:at] + (10).to_bytes(4, "little") + data[at + 4 :])
    with pytest.raises(UsageError, match=r"a\.zip/a/x\.txt: cannot read the file"):
        list(TextSource.from_folder(tmp_path / "a.zip").read())


def test_an_encrypted_file_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a/x.txt", b"x")
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[6] |= 1  # in the header of the file
    data[data.index(b"PK\x01\x02") + 8] |= 1  # in the directory
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(UsageError, match=r"x\.txt: cannot read the file .*encrypted"):
        list(TextSource.from_folder(tmp_path / "a.zip").read())
