"""Write folders that `headrace.datasets.load` and TensorFlow Datasets read."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import pyarrow as pa

from headrace.arguments import check_integer
from headrace.data import Dataset
from headrace.datasets.info import DatasetInfo
from headrace.datasets.prepared.describe import describe_columns
from headrace.datasets.prepared.encode import FeatureEncoder
from headrace.datasets.prepared.features import Feature
from headrace.datasets.prepared.flatten import flatten_batch, flatten_schema
from headrace.errors import SchemaError, UsageError
from headrace.file_errors import wrap_file_errors
from headrace.images import image_format
from headrace.records import count, write_index
from headrace.storage import (
    MOST_SHARDS,
    FileEntry,
    FolderLock,
    Manifest,
    Shard,
    atomic_folder,
    local_target,
    make_folder,
)

__all__ = ["write_folder"]

_SHARD_BYTES = 256 << 20  # of a shard, unless `shards` says how many there are
_FRAME = 16  # bytes around each record
_SPLIT = re.compile(r"[A-Za-z0-9_.\-]+", re.ASCII)


def write_folder(
    folder: str | PathLike[str],
    info: DatasetInfo,
    splits: Mapping[str, Dataset],
    *,
    shards: int | Mapping[str, int] | None = None,
    encodings: Mapping[str, str] | None = None,
    class_names: Mapping[str, Sequence[str]] | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> Path:
    """Write a data set as TensorFlow Datasets prepares it, without TensorFlow.

    The folder holds `dataset_info.json`, `features.json`, the names of classes, and the shards of each split,
    `NAME-SPLIT.tfrecord-00000-of-00008`, with an index, a schema file and a manifest beside them, so that
    `records.read` reads them too. It gets its name when all is written. After a run that was killed, the same
    call writes the shards that are missing in the split it had come to, as `Dataset.write` does.

    Args:
        folder: The folder of this version, such as "data/mnist/3.0.1"; it must not exist, or be empty.
        info: The card: its name, version, description, citation, licence, source, label and class names.
        splits: The rows of each split, by name; all have the same columns.
        shards: The number of files of each split, or of the splits by name; None makes files of about
            256 MiB.
        encodings: How columns are stored, by name, where it is not the default:
            "png" or "jpeg" for uint8 pixels [height, width, 1, 3 or 4], or files of this format;
            "image" for the files of images, PNG, JPEG, GIF or BMP; "bbox" for float32 boxes [4] of
            ymin, xmin, ymax, xmax; "bytes" or "zlib" for the bytes of tensors; "plain" for the values as
            they are. The default is "png" for pixels, "image" for bytes that begin as one, and "bytes" for
            float64 and for other tensors of integers, so that no digit is lost. Dates and timestamps are
            int64 there, days or units since 1970; the schema file has their unit and time zone.
        class_names: The names of the classes of further columns of integers, beside `info.class_names`.
        progress: Called with the name of a split and the number of rows of each of its shards that is
            complete.

    Returns:
        The folder.

    Raises:
        UsageError: The folder holds files, another run is writing it, or an argument is invalid.
        SchemaError: A type or a value that no feature holds; it names the column.

    Example:
        >>> import tempfile
        >>> import headrace as hr
        >>> from headrace.datasets.prepared import write_folder
        >>> card = hr.datasets.info("housing")
        >>> folder = write_folder(f"{tempfile.mkdtemp()}/housing/1.0.0", card, hr.datasets.load("housing"))
        >>> hr.datasets.load(folder, "train[:80%]").num_rows
        13210
    """
    target = local_target(folder)
    dataset = info.name.partition("/")[0]
    schema = flatten_schema(_check_splits(splits))
    names = {**({info.label: info.class_names} if info.class_names else {}), **(class_names or {})}
    chosen = {**_find_images(next(iter(splits.values()))), **(encodings or {})}
    features, described = describe_columns(schema, chosen, names)
    encoder = _make_encoder(features, chosen, names)
    work = target.with_name(f".{target.name}.unfinished")
    make_folder(target.parent)
    with atomic_folder(target) as staged, FolderLock(work, "wait until the other run has finished"):
        stored = [
            _write_split(staged, work, dataset, name, ds, encoder, _choose(shards, name), progress)
            for name, ds in splits.items()
        ]
        _write_json(staged / "features.json", described)
        for name, classes in names.items():
            path = staged / f"{name.replace('/', '-')}.labels.txt"
            path.write_text("".join(f"{each}\n" for each in classes), encoding="utf-8")
        _write_json(staged / "dataset_info.json", _describe_info(info, schema, stored))
        shutil.rmtree(work, ignore_errors=True)
    return target


def _check_splits(splits: Mapping[str, Dataset]) -> pa.Schema:
    """Check the names of the splits and that their columns agree; return their schema."""
    if not splits:
        raise UsageError("splits: expected at least one split", hint='pass {"train": dataset}')
    for name in splits:
        if not _SPLIT.fullmatch(name) or name == "all":
            raise UsageError(f"not the name of a split: {name!r}", hint="use letters, digits and _")
    (first, ds), *others = splits.items()
    for name, other in others:
        if other.schema != ds.schema:
            what = f"the splits '{first}' and '{name}' have different columns"
            raise SchemaError(what, hint="cast or select columns until their schemas are equal")
    return ds.schema


def _choose(shards: int | Mapping[str, int] | None, split: str) -> int | None:
    count = shards.get(split) if isinstance(shards, Mapping) else shards
    return None if count is None else check_integer(count, "shards", 1, MOST_SHARDS)


def _find_images(ds: Dataset) -> dict[str, str]:
    """Find columns of bytes whose first value is an image."""
    first = next(iter(ds.take(1)), None)
    if first is None or not first.num_rows:
        return {}
    first = flatten_batch(first)
    columns = [
        each.name
        for each in first.schema
        if pa.types.is_binary(each.type) or pa.types.is_large_binary(each.type)
    ]
    values = {name: first.column(name)[0].as_py() for name in columns}
    return {name: "image" for name, value in values.items() if value and image_format(value)}


def _make_encoder(
    features: tuple[Feature, ...], encodings: Mapping[str, str], names: Mapping[str, Sequence[str]]
) -> FeatureEncoder:
    images = {each.name: encodings.get(each.name, "png") for each in features if each.codec == "image"}
    files = {
        each.name: encodings[each.name]
        for each in features
        if each.dtype == "bytes" and encodings.get(each.name, "plain") != "plain"
    }
    classes = {each.name: len(names[each.name]) for each in features if each.classes}
    return FeatureEncoder(features, {**images, **files}, classes)


def _write_split(
    folder: Path,
    work: Path,
    dataset: str,
    split: str,
    ds: Dataset,
    encoder: FeatureEncoder,
    shards: int | None,
    progress: Callable[[str, int], None] | None,
) -> dict[str, Any]:
    """Write the shards of a split; return its description in `dataset_info.json`."""
    number = _count_shards(ds, encoder) if shards is None else shards
    report = None if progress is None else lambda rows: progress(split, rows)
    base = work / f"{dataset}-{split}"
    written = ds.write(base, "tfrecord", number, transformation=encoder, progress=report)
    moved: list[str] = []
    with wrap_file_errors(str(folder), "cannot be written", "make room or choose another place"):
        entries: dict[str, FileEntry] = {}
        manifest = Manifest.read(f"{base}.manifest.json")
        assert manifest is not None
        for index, path in enumerate(written):
            target = folder / Shard(f"{dataset}-{split}.tfrecord", index, number, "").path
            Path(path).rename(target)
            entries[target.name] = manifest.files[Path(path).name]
            moved.append(str(target))
        schema = Path(f"{base}.schema.json")
        entries[schema.name] = manifest.files[schema.name]
        schema.rename(folder / schema.name)
        (folder / f"{dataset}-{split}.manifest.json").write_text(Manifest(entries).text, encoding="utf-8")
        Path(f"{base}.manifest.json").unlink()
    write_index(moved)
    lengths = [count(path) for path in moved]
    size = sum(Path(path).stat().st_size for path in moved) - _FRAME * sum(lengths)
    return {
        "filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
        "name": split,
        "numBytes": str(size),
        "shardLengths": [str(length) for length in lengths],
    }


def _count_shards(ds: Dataset, encoder: FeatureEncoder) -> int:
    """Choose a number of shards by the size of the first rows."""
    first = next(iter(ds.take(256)), None)
    if first is None or not first.num_rows or ds.num_rows is None:
        return 1
    size = encoder(first).nbytes / first.num_rows * ds.num_rows
    return max(1, min(MOST_SHARDS, round(size / _SHARD_BYTES)))


def _describe_info(info: DatasetInfo, schema: pa.Schema, splits: list[dict[str, Any]]) -> dict[str, Any]:
    dataset, _, config = info.name.partition("/")
    stored: dict[str, Any] = {
        "citation": info.citation,
        "description": info.description,
        "fileFormat": "tfrecord",
        "location": {"urls": [info.source]} if info.source else {},
        "configName": config,
        "name": dataset,
        "redistributionInfo": {"license": info.licence} if info.licence else {},
        "splits": splits,
        "version": info.version,
    }
    keys = [name for name in info.inputs or schema.names if name != info.label]
    if info.label in schema.names and keys:
        inputs: dict[str, Any] = {"featureKey": keys[0]}
        if len(keys) > 1:
            inputs = {"dict": {"dict": {key: {"featureKey": key} for key in keys}}}
        stored["supervisedKeys"] = {"tuple": {"items": [inputs, {"featureKey": info.label}]}}
    return {key: value for key, value in stored.items() if value not in ("", {})}


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
