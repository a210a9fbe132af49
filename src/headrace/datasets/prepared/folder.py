"""Prepared folders: their cards, splits and files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.info import DatasetInfo
from headrace.datasets.prepared.decode import FeatureDecoder
from headrace.datasets.prepared.features import Feature, read_features, refine_features
from headrace.datasets.splits import Size
from headrace.errors import UsageError
from headrace.records import read_schema
from headrace.records.tfrecord import schema_path
from headrace.storage import file_exists, read_bytes

__all__ = ["PreparedFolder", "find_prepared", "open_prepared"]

_INFO, _FEATURES = "dataset_info.json", "features.json"
_TEMPLATE = "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}"
_VERSION = re.compile(r"\d+\.\d+\.\d+", re.ASCII)
_MAX_JSON = 64 << 20
_MAX_SHARDS = 100_000
_MAX_NESTED = 32
_MOST_KEPT = 64 << 20  # bytes
_HINT = "prepare the data set again"


@dataclass(frozen=True)
class PreparedFolder:
    """A prepared data set.

    Attributes:
        info: Its card.
        features: Its columns.
        sizes: The rows of each split, and of each of its shards.
        files: The files of each split.
        file_format: "tfrecord" or "array_record".
    """

    info: DatasetInfo
    features: tuple[Feature, ...]
    sizes: Mapping[str, Size]
    files: Mapping[str, tuple[str, ...]]
    file_format: str

    @property
    def keeps_rows(self) -> bool:
        """Whether images or packed tensors of known sizes take at most 64 MiB when decoded."""
        rows = sum(size.rows for size in self.sizes.values())
        decoded = [each for each in self.features if each.codec in ("image", "zlib")]
        sizes = [each.num_bytes for each in decoded]
        return bool(sizes) and None not in sizes and rows * sum(filter(None, sizes)) <= _MOST_KEPT

    def read(self, split: str) -> Dataset:
        """Read a whole split."""
        decoder = FeatureDecoder(self.features)
        schema = pa.schema([field for each in self.features for field in each.list_stored()])
        files = list(self.files[split])
        if self.file_format == "array_record":
            records = Dataset.from_array_record(files, schema)
        else:
            records = Dataset.from_records(files, schema)
        return records if schema == decoder.schema else records.map(decoder)


def find_prepared(folder: Path, version: str | None = None) -> Path | None:
    """Find the folder of a version, `folder` itself or below it: the latest for None.

    Args:
        folder: The folder.
        version: The version, or a pattern of `matches_version`, of which the latest is found.

    Returns:
        The folder, or None if no folder holds a `dataset_info.json`.
    """
    if (folder / _INFO).is_file():
        return folder
    if not folder.is_dir():
        return None
    versions = [each for each in folder.iterdir() if _VERSION.fullmatch(each.name)]
    chosen = [each for each in versions if matches_version(each.name, version) and (each / _INFO).is_file()]
    return max(chosen, key=lambda each: tuple(map(int, each.name.split("."))), default=None)


def matches_version(version: str, asked: str | None) -> bool:
    """Return whether a version is the one asked for: None is any, and "3.*.*" any that starts with 3."""
    if asked is None:
        return True
    parts, wanted = version.split("."), asked.split(".")
    return len(parts) == len(wanted) and all(
        one in ("*", part) for part, one in zip(parts, wanted, strict=True)
    )


def open_prepared(folder: Path) -> PreparedFolder:
    """Open a folder that `find_prepared` found.

    Raises:
        UsageError: A file is missing or damaged.
        SchemaError: A feature has no Arrow form.
    """
    stored = _read_json(folder / _INFO)
    features = tuple(read_features(_read_json(folder / _FEATURES), str(folder / _FEATURES)))
    file_format = str(stored.get("fileFormat") or "tfrecord")
    if file_format not in ("tfrecord", "array_record"):
        what = f"the files are {file_format[:80]}, expected tfrecord or array_record"
        raise UsageError(what, path=str(folder), hint="prepare the data set in one of these formats")
    sizes, files = {}, {}
    for split in _check_list(stored.get("splits"), folder):
        name, lengths = str(split.get("name")), _read_lengths(split, folder)
        sizes[name] = Size(sum(lengths), lengths)
        files[name] = tuple(_name_files(folder, str(stored.get("name")), file_format, split, len(lengths)))
    features = _refine(features, files)
    return PreparedFolder(_make_card(folder, stored, features, sizes), features, sizes, files, file_format)


def _refine(features: tuple[Feature, ...], files: Mapping[str, tuple[str, ...]]) -> tuple[Feature, ...]:
    """Refine features by the schema file that `write_folder` writes."""
    first = next(path for paths in files.values() for path in paths)
    path = schema_path(first)
    stored = read_schema(path) if file_exists(path) else None
    return refine_features(features, stored) if isinstance(stored, pa.Schema) else features


def _make_card(
    folder: Path, stored: dict[str, Any], features: tuple[Feature, ...], sizes: Mapping[str, Size]
) -> DatasetInfo:
    rows = {name: size.rows for name, size in sizes.items()}
    label = _find_label(stored, features)
    names = folder / f"{label.replace('/', '-')}.labels.txt"
    classes = names.read_text(encoding="utf-8").splitlines() if label and names.is_file() else []
    return DatasetInfo(
        name="/".join(str(stored[key]) for key in ("name", "configName") if stored.get(key)),
        description=str(stored.get("description", "")),
        schema=FeatureDecoder(features).schema,
        label=label,
        class_names=tuple(classes),
        sample_rows=rows,
        full_rows=rows,
        licence=str(stored.get("redistributionInfo", {}).get("license", "")),
        source=_find_source(stored, folder),
        citation=str(stored.get("citation", "")),
        version=str(stored.get("version", "")),
        inputs=_find_inputs(stored, features, label),
    )


def _find_source(stored: dict[str, Any], folder: Path) -> str:
    """Return the first of the publisher's addresses, or else the folder."""
    location = stored.get("location")
    urls = location.get("urls") if isinstance(location, dict) else None
    return str(urls[0]) if isinstance(urls, list) and urls else str(folder)


def _find_label(stored: dict[str, Any], features: tuple[Feature, ...]) -> str:
    """Return the column to predict: the second of the supervised keys, or the only class."""
    items = _list_supervised(stored)
    if len(items) > 1 and isinstance(items[1], dict):
        return str(items[1].get("featureKey", ""))
    classes = [each.name for each in features if each.classes]
    return classes[0] if len(classes) == 1 else ""


def _find_inputs(stored: dict[str, Any], features: tuple[Feature, ...], label: str) -> tuple[str, ...]:
    """Return the columns to predict from: those of the first of the supervised keys; empty for all."""
    items = _list_supervised(stored)
    keys = set(_list_keys(items[0], 0)) if items else set[str]()
    names = [each.name for each in features]
    found = tuple(name for name in names if any(name == key or name.startswith(f"{key}/") for key in keys))
    return () if found == tuple(name for name in names if name != label) else found


def _list_supervised(stored: dict[str, Any]) -> list[Any]:
    keys = stored.get("supervisedKeys")
    if not isinstance(keys, dict):
        return []
    if "input" in keys and "output" in keys:  # of earlier versions
        return [{"featureKey": keys["input"]}, {"featureKey": keys["output"]}]
    of_tuple = keys.get("tuple")
    items = of_tuple.get("items") if isinstance(of_tuple, dict) else None
    return items if isinstance(items, list) else []


def _list_keys(nested: Any, depth: int) -> list[str]:
    """List the features of a nest of dictionaries and tuples."""
    if not isinstance(nested, dict) or depth > _MAX_NESTED:
        return []
    if "featureKey" in nested:
        return [str(nested["featureKey"])]
    inner = nested.get("dict", nested.get("tuple"))
    inner = inner.get("dict", inner.get("items")) if isinstance(inner, dict) else None
    each = list(inner.values()) if isinstance(inner, dict) else inner if isinstance(inner, list) else []
    return [key for one in each for key in _list_keys(one, depth + 1)]


def _read_json(path: Path) -> dict[str, Any]:
    if path.is_file() and path.stat().st_size > _MAX_JSON:
        raise UsageError("larger than 64 MiB", path=str(path), hint=_HINT)
    try:
        stored = json.loads(read_bytes(str(path)))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not JSON ({str(error)[:160]})", path=str(path), hint=_HINT) from error
    if not isinstance(stored, dict):
        raise UsageError("expected an object", path=str(path), hint=_HINT)
    return stored


def _check_list(value: object, folder: Path) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        raise UsageError("expected a list of splits", path=str(folder / _INFO), hint=_HINT)
    return value


def _read_lengths(split: dict[str, Any], folder: Path) -> tuple[int, ...]:
    try:
        lengths = tuple(int(each) for each in split.get("shardLengths", []))
    except (TypeError, ValueError):
        lengths = ()
    if not lengths or len(lengths) > _MAX_SHARDS or min(lengths) < 0:
        what = f"expected the number of rows of each shard of '{split.get('name')}'"
        raise UsageError(what, path=str(folder / _INFO), hint=_HINT)
    return lengths


def _name_files(
    folder: Path, dataset: str, file_format: str, split: dict[str, Any], shards: int
) -> list[str]:
    template = str(split.get("filepathTemplate") or _TEMPLATE)
    values = {"{DATASET}": dataset, "{SPLIT}": str(split.get("name")), "{FILEFORMAT}": file_format}
    for place, value in values.items():
        template = template.replace(place, value)
    names = []
    for shard in range(shards):
        numbers = {"{SHARD_INDEX}": f"{shard:05}", "{NUM_SHARDS}": f"{shards:05}"}
        name = template.replace("{SHARD_X_OF_Y}", f"{shard:05}-of-{shards:05}")
        for place, value in numbers.items():
            name = name.replace(place, value)
        if not name or "/" in name or "\\" in name or name.startswith("."):
            raise UsageError(f"not the name of a file: {name[:80]!r}", path=str(folder / _INFO), hint=_HINT)
        if not (folder / name).is_file():
            raise UsageError("this shard is missing", path=str(folder / name), hint="copy it again")
        names.append(str(folder / name))
    return names
