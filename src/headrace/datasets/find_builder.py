"""Find the builder of a name: one of the catalogue, or a folder that TensorFlow Datasets has prepared."""

from __future__ import annotations

import os
import re
from os import PathLike
from pathlib import Path

from headrace.arguments import check_string
from headrace.data import Dataset
from headrace.datasets.builder import DatasetBuilder
from headrace.datasets.prepared import find_prepared, open_prepared
from headrace.discovery import find_instances
from headrace.errors import UsageError
from headrace.storage import local_target
from headrace.suggestions import suggest

__all__ = ["builders", "find_builder", "find_folder_or_builder"]

_VERSION = re.compile(r"\d+\.\d+\.\d+", re.ASCII)


def builders() -> dict[str, DatasetBuilder]:
    """Return the builders of all datasets, by name."""
    found = find_instances("headrace.datasets", DatasetBuilder)
    return {each.info.name: each for each in sorted(found, key=lambda each: each.info.name)}


def find_builder(name: str) -> DatasetBuilder:
    """Find the builder of a name, with its version or without: "housing", "housing:1.0.0".

    Raises:
        UsageError: Unknown name or version.
    """
    known = builders()
    name, _, version = check_string(name, "name").partition(":")
    if name not in known:
        raise UsageError(f"unknown dataset '{name}'", hint=suggest(name, known))
    _check_version(known[name], version or None)
    return known[name]


def find_folder_or_builder(name: str | PathLike[str], data_dir: Path | None) -> DatasetBuilder:
    """Find a prepared folder, `name` itself or below `data_dir`, else the builder of a name.

    Raises:
        UsageError: Unknown name or version, or a damaged folder.
        SchemaError: A folder whose features have no Arrow form.
    """
    text = check_string(os.fspath(name) if isinstance(name, PathLike) else name, "name")
    path, _, version = text.rpartition(":")
    path, asked = (path, version) if _VERSION.fullmatch(version) else (text, None)
    folders = [local_target(path)] if path else []
    if data_dir is not None and path and not Path(path).is_absolute():
        folders.insert(0, data_dir / path)
    for folder in folders:
        found = find_prepared(folder, asked) or find_prepared(folder)
        if found is not None:
            builder = _open_folder(found)
            _check_version(builder, asked)
            return builder
    if os.sep in path or (folders[:1] and folders[0].is_dir() and path not in builders()):
        what = "expected dataset_info.json, or folders of versions that hold one"
        raise UsageError(what, path=path, hint="pass a folder that TensorFlow Datasets has prepared")
    return find_builder(text)


def _open_folder(folder: Path) -> DatasetBuilder:
    prepared = open_prepared(folder)

    def read(split: str, _: Path | None) -> Dataset:
        return prepared.read(split)

    return DatasetBuilder(prepared.info, read, sizes=prepared.sizes)


def _check_version(builder: DatasetBuilder, version: str | None) -> None:
    info = builder.info
    if version not in (None, info.version):
        what = f"'{info.name}' has version {info.version}, not '{version}'"
        raise UsageError(what, hint="load it without a version, or with that one")
