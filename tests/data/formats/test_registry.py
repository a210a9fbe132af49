from pathlib import Path

import pyarrow as pa
import pytest

from headrace import records
from headrace.data.formats import find_format, find_source_format, list_formats, open_dataset
from headrace.errors import UsageError

WRITTEN = ["arrow", "csv", "images", "jsonl", "parquet", "tfrecord"]
READ_ONLY = ["array_record", "webdataset"]


def test_every_format_is_listed_by_name() -> None:
    assert [each.name for each in list_formats()] == sorted(WRITTEN + READ_ONLY)


@pytest.mark.parametrize("name", WRITTEN)
def test_every_extension_names_its_format(name: str) -> None:
    for extension in find_format("", name).extensions:
        assert find_format(f"folder/rows{extension}").name == name


def test_a_folder_is_a_folder_of_images(tmp_path: Path) -> None:
    assert find_format(str(tmp_path)).name == find_format("new/").name == "images"


@pytest.mark.parametrize("name", READ_ONLY)
def test_a_format_that_is_read_only_is_refused_as_a_destination(name: str) -> None:
    assert find_source_format("rows", name).name == name
    with pytest.raises(UsageError, match=f"rows: {name} files are read, not written; choose one of arrow"):
        find_format("rows", name)
    for extension in find_source_format("rows", name).source_extensions:
        assert find_source_format(f"folder/rows{extension}").name == name
        with pytest.raises(UsageError, match=r"are read, not written; use one of \.arrow"):
            find_format(f"rows{extension}")


def test_an_unknown_name_or_extension_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="unknown format 'xls'; choose one of arrow, csv, images"):
        find_format("rows", "xls")
    with pytest.raises(UsageError, match=r"no format has this extension; use one of \.arrow, \.csv"):
        find_format("rows.xls")


def test_record_files_are_known_by_base_name_and_by_content(tmp_path: Path) -> None:
    batch = pa.record_batch({"x": [1, 2]})
    records.write(tmp_path / "train", [batch], shards=2)
    assert find_source_format(str(tmp_path / "train")).name == "tfrecord"
    (tmp_path / "train-00000-of-00002.tfrecord").rename(tmp_path / "renamed")
    assert open_dataset(str(tmp_path / "renamed")).num_rows == 1


def test_a_file_that_is_neither_known_nor_holds_records_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("not records, and without an extension")
    with pytest.raises(UsageError, match="no format has this extension"):
        find_source_format(str(tmp_path / "notes"))
