"""A set of record files is complete, or an error."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headrace import _native
from headrace.data import Dataset
from headrace.errors import RecordError, UsageError
from headrace.records import (
    RecordReader,
    check,
    count,
    infer_schema,
    merge,
    read,
    read_schema,
    split,
    write,
    write_index,
)


def numbers(rows: int) -> pa.RecordBatch:
    return pa.record_batch({"n": pa.array(range(rows), pa.int64())})


def column(paths: Any, **options: Any) -> list[int]:
    return sorted(n for batch in read(paths, **options) for n in batch["n"].to_pylist())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(params=["with a manifest", "without a manifest"])
def shards(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    files = write(tmp_path / "train", [numbers(9)], shards=3)
    if request.param == "without a manifest":
        (tmp_path / "train.manifest.json").unlink()
    return files


def test_a_missing_shard_is_named(shards: list[str], tmp_path: Path) -> None:
    Path(shards[1]).unlink()
    for paths in (tmp_path / "train", tmp_path / "train-*", [tmp_path / "*.tfrecord"]):
        for use in (read, count, check, infer_schema, Dataset.from_records):
            with pytest.raises(UsageError, match="shard is missing: found 2 of 3") as caught:
                use(paths)
            assert caught.value.path == shards[1]


def test_named_shards_and_narrow_patterns_are_read_alone(shards: list[str], tmp_path: Path) -> None:
    assert column([shards[0], shards[2]]) == [0, 2, 3, 5, 6, 8]
    Path(shards[1]).unlink()
    assert column(shards[0]) == [0, 3, 6]
    assert column(tmp_path / "train-00002*") == [2, 5, 8]


def test_shards_0_and_2_of_3_are_refused_as_a_shell_lists_them_too(shards: list[str]) -> None:
    Path(shards[1]).unlink()
    for use in (read, count, check, infer_schema, Dataset.from_records, write_index):
        with pytest.raises(UsageError, match="shard is missing: found 2 of 3") as caught:
            use([shards[0], shards[2]])
        assert caught.value.path == shards[1]


@pytest.mark.parametrize("base", ["mnist-train.tfrecord", "mnist-train"])
def test_base_names_as_tfds_writes_them_find_all_shards(base: str, shards: list[str], tmp_path: Path) -> None:
    theirs = [tmp_path / f"mnist-train.tfrecord-0000{index}-of-00003" for index in range(3)]
    for ours, path in zip(shards, theirs, strict=True):
        shutil.copy(ours, path)
    assert column(tmp_path / base) == [*range(9)]
    theirs[1].unlink()
    for use in (read, check):
        with pytest.raises(UsageError, match="00001-of-00003: shard is missing: found 2 of 3"):
            use(tmp_path / base)


def test_tensorflow_names_are_held_to_their_number(shards: list[str], tmp_path: Path) -> None:
    theirs = [tmp_path / f"mnist-train.tfrecord-0000{index}-of-00003" for index in range(3)]
    for ours, path in zip(shards, theirs, strict=True):
        shutil.copy(ours, path)
    assert column(tmp_path / "mnist-train.tfrecord*") == [*range(9)]
    theirs[2].unlink()
    with pytest.raises(UsageError, match="00002-of-00003: shard is missing"):
        column(tmp_path / "mnist-train.tfrecord*")


def test_a_shard_of_another_size_is_refused(tmp_path: Path) -> None:
    shards = write(tmp_path / "train", [numbers(9)], shards=3)
    shutil.copy(shards[0], tmp_path / "backup")
    (other,) = write(tmp_path / "other", [numbers(1)])
    Path(other).replace(shards[0])
    for paths in (tmp_path / "train", shards, shards[0]):
        with pytest.raises(RecordError, match="bytes long, the set's manifest says") as caught:
            column(paths)
        assert caught.value.path == shards[0]
    assert column(shards[1]) == [1, 4, 7]
    assert column(tmp_path / "train", on_corrupt="skip") == [0, 1, 2, 4, 5, 7, 8]
    shutil.copy(tmp_path / "backup", shards[0])
    assert column(tmp_path / "train") == [*range(9)]


def test_check_compares_sizes(tmp_path: Path) -> None:
    shards = write(tmp_path / "train", [numbers(10)], shards=3)
    assert check(tmp_path / "train").ok
    shutil.copy(shards[1], shards[0])  # whole records, but one is missing
    report = check(tmp_path / "train")
    assert [file.error is None for file in report.files] == [False, True, True]
    assert "the set's manifest says" in str(report.files[0].error)


def entries(folder: Path, base: str = "train") -> dict[str, Any]:
    return json.loads((folder / f"{base}.manifest.json").read_text())["files"]


def stored_checksums(path: Path | str) -> bytes:
    """The footers of an uncompressed or compressed file's frames, from the specification."""
    return b"".join(_native.frame(payload)[-4:] for payload in RecordReader(path))


@pytest.mark.parametrize("compression", [None, "gzip", "zlib"])
@pytest.mark.parametrize("batches", [1, 4])
def test_the_manifest_names_the_records_of_each_shard(
    tmp_path: Path, compression: str | None, batches: int
) -> None:
    shards = write(tmp_path / "train", [numbers(10)] * batches, shards=3, compression=compression)
    for shard in shards:
        footers = stored_checksums(shard)
        assert entries(tmp_path)[Path(shard).name] == {
            "bytes": Path(shard).stat().st_size,
            "records": len(footers) // 4,
            "records_crc32c": f"{_native.crc32c_portable(footers):08x}",
        }
    assert entries(tmp_path)["train.schema.json"].keys() == {"bytes", "crc32c"}
    assert check(tmp_path / "train").ok


def test_the_manifest_names_no_records_of_an_empty_shard(tmp_path: Path) -> None:
    write(tmp_path / "train", [numbers(0)])
    (entry,) = (entry for name, entry in entries(tmp_path).items() if "tfrecord" in name)
    assert entry == {"bytes": 0, "records": 0, "records_crc32c": "00000000"}
    assert check(tmp_path / "train").ok


def test_equal_rows_make_an_equal_manifest(tmp_path: Path) -> None:
    write(tmp_path / "train", [numbers(10)], shards=3)
    first = (tmp_path / "train.manifest.json").read_bytes()
    write(tmp_path / "train", [numbers(10)[:4], numbers(10)[4:]], shards=3)
    assert (tmp_path / "train.manifest.json").read_bytes() == first


def assert_swaps_are_found(paths: list[str]) -> None:
    """Swap two intact files of equal size, and check that both are reported, and nothing else."""
    first, second = paths[:2]
    assert check(paths).ok
    assert Path(first).stat().st_size == Path(second).stat().st_size
    content = [Path(path).read_bytes() for path in (first, second)]
    Path(first).write_bytes(content[1])
    Path(second).write_bytes(content[0])
    report = check(paths)
    assert [file.path for file in report.files if file.error] == [first, second]
    with pytest.raises(RecordError, match="holds other records than the set's manifest says") as caught:
        report.raise_first()
    assert caught.value.path == first
    assert caught.value.hint is not None
    assert "write the set again" in caught.value.hint


def test_check_finds_swapped_shards_of_equal_size(tmp_path: Path) -> None:
    assert_swaps_are_found(write(tmp_path / "train", [numbers(9)], shards=3))


@pytest.mark.parametrize("compression", ["gzip", "zlib"])
def test_check_finds_a_swapped_compressed_shard(tmp_path: Path, compression: str) -> None:
    shards = write(tmp_path / "train", [numbers(9)], shards=3, compression=compression)
    shutil.copy(shards[1], shards[0])
    stored = json.loads((tmp_path / "train.manifest.json").read_text())
    sizes = [stored["files"][Path(shard).name] for shard in shards]
    sizes[0]["bytes"] = sizes[1]["bytes"]  # compressed shards may differ in size
    (tmp_path / "train.manifest.json").write_text(json.dumps(stored))
    report = check(shards)
    assert [file.error is None for file in report.files] == [False, True, True]
    assert "holds other records" in str(report.files[0].error)


def test_check_finds_records_in_another_order(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "train", [numbers(10)])
    (other,) = write(tmp_path / "other", [numbers(10).take(pa.array([1, 0, *range(2, 10)]))])
    assert check(path).ok
    assert Path(path).stat().st_size == Path(other).stat().st_size
    shutil.copy(other, path)
    assert "holds other records" in str(check(path).files[0].error)


def test_check_finds_swapped_shards_of_merge(tmp_path: Path) -> None:
    files = write(tmp_path / "source", [numbers(10)], shards=2)
    shards = merge(files, tmp_path / "train", shards=5, compression="gzip")
    for shard in shards:
        assert entries(tmp_path)[Path(shard).name]["records"] == 2
    assert check(shards).ok
    shards = merge(files, tmp_path / "train", shards=5)
    assert_swaps_are_found(shards)


def test_check_finds_swapped_parts_of_split(tmp_path: Path) -> None:
    files = write(tmp_path / "all", [numbers(100)], shards=3)
    split(files, {str(tmp_path / "train"): 0.5, str(tmp_path / "test"): 0.5})
    suffix = "-00000-of-00001.tfrecord"
    assert [entries(tmp_path, part)[part + suffix]["records"] for part in ("train", "test")] == [50, 50]
    assert_swaps_are_found([str(tmp_path / (part + suffix)) for part in ("train", "test")])


def test_manifests_without_records_are_read(tmp_path: Path) -> None:
    shards = write(tmp_path / "train", [numbers(9)], shards=3)
    stored = json.loads((tmp_path / "train.manifest.json").read_text())
    for entry in stored["files"].values():
        entry.pop("records", None)
        entry.pop("records_crc32c", None)
    (tmp_path / "train.manifest.json").write_text(json.dumps(stored))
    assert check(shards).ok
    assert column(shards) == [*range(9)]
    name = Path(shards[0]).name
    stored["files"][name]["crc32c"] = f"{_native.crc32c(Path(shards[0]).read_bytes()):08x}"
    (tmp_path / "train.manifest.json").write_text(json.dumps(stored))
    assert check(shards).ok
    shutil.copy(shards[1], shards[0])
    assert "does not match the manifest" in str(check(shards).files[0].error)


def test_corruption_is_reported_before_the_manifest(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "train", [numbers(9)])
    data = bytearray(Path(path).read_bytes())
    data[20] ^= 1
    Path(path).write_bytes(data)
    assert "record 0" in str(check(path).files[0].error)


def test_other_numbers_of_shards_replace_the_set(tmp_path: Path) -> None:
    write(tmp_path / "train", [numbers(9)], shards=3)
    write(tmp_path / "train.tfrecord", [numbers(2)])
    assert len(names(tmp_path)) == 6
    write(tmp_path / "train", [numbers(9)], shards=3)
    (tmp_path / "train-00000-of-00003.tfrecord.idx").touch()
    write(tmp_path / "train", [numbers(4)], shards=2, compression="gzip")
    assert [
        name for name in names(tmp_path) if "-of-00003.tfrecord" in name and not name.endswith(".idx")
    ] == []
    assert column(tmp_path / "train") == [0, 1, 2, 3]
    assert (tmp_path / "train.tfrecord").exists()


def test_a_set_without_a_schema_leaves_none_of_the_old_set(tmp_path: Path) -> None:
    write(tmp_path / "train", [pa.record_batch({"other": ["a"]})])
    files = write(tmp_path / "source", [numbers(3)])
    (tmp_path / "source.schema.json").unlink()
    merge(files, tmp_path / "train")
    assert not (tmp_path / "train.schema.json").exists()
    assert column(tmp_path / "train") == [0, 1, 2]


def test_parts_of_a_split_are_sets(tmp_path: Path) -> None:
    files = write(tmp_path / "all", [numbers(100)])
    split(files, {str(tmp_path / "train"): 0.8, str(tmp_path / "test"): 0.2})
    assert sorted(column(tmp_path / "train") + column(tmp_path / "test")) == [*range(100)]
    assert {"train.manifest.json", "test.manifest.json"} <= set(names(tmp_path))
    assert read_schema(tmp_path / "test.schema.json") == numbers(0).schema
