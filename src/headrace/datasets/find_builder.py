"""Find the builder of a name: of a folder, of the hub, of the user, or of the catalogue."""

from __future__ import annotations

import os
import re
from os import PathLike
from pathlib import Path

from headrace.arguments import check_string
from headrace.datasets.builders.registry import find_builders
from headrace.datasets.data_folder import data_folder
from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.folders import is_configuration, is_hub_url, is_saved, open_folder, open_hub
from headrace.datasets.named_folders import named_folders
from headrace.datasets.prepared import find_prepared, matches_version, open_prepared
from headrace.datasets.user_builders import user_builders
from headrace.errors import UsageError
from headrace.storage import local_target
from headrace.suggestions import suggest

__all__ = ["builders", "find_builder", "find_folder_or_builder"]

_VERSION = re.compile(r"(?:\d+|\*)(?:\.(?:\d+|\*)){2}", re.ASCII)


def builders() -> dict[str, DatasetBuilder]:
    """Return the builders of the catalogue, by name."""
    return {each.info.name: each for each in sorted(find_builders(), key=lambda each: each.info.name)}


def find_builder(name: str) -> DatasetBuilder:
    """Find the builder of a name, with its version or without: "housing", "housing:1.0.0", "housing:1.*.*".

    Raises:
        UsageError: Unknown name or version.
    """
    name, _, version = check_string(name, "name").partition(":")
    own = user_builders()
    if name in own:
        found = own[name]()
    else:
        known = builders()
        if name not in known:
            hint = suggest(name, [*known, *own, *named_folders()])
            raise UsageError(f"unknown dataset '{name}'", hint=hint)
        found = known[name]
    _check_version(found, version or None)
    return found


def find_folder_or_builder(name: str | PathLike[str], data_dir: Path | None) -> DatasetBuilder:
    """Find the builder of a folder, or else of a name, or of a data set of the hub, `hf://...`.

    The folders are `data_dir/name`, `data_dir` if it holds the data set of this name, and `name` itself; if
    `data_dir` is None, also the one that `add` has given this name, and that of `headrace.datasets.prepare`.

    A name of the catalogue stands for a prepared folder only; other names, for a folder of any manner (see
    `headrace.datasets.folders`), or for a configuration that the card of the folder above it names.

    Raises:
        UsageError: Unknown name or version, or a folder that is damaged or holds no data set.
        SchemaError: A folder whose features have no Arrow form.
    """
    text = check_string(os.fspath(name) if isinstance(name, PathLike) else name, "name")
    if is_hub_url(text):
        return open_hub(text)
    path, _, version = text.rpartition(":")
    path, asked = (path, version) if _VERSION.fullmatch(version) else (text, None)
    folders = [local_target(path)] if path else []
    if path and not Path(path).is_absolute():
        folders = [*_find_candidates(path, data_dir), *folders]
    for folder in folders:
        found = None if is_saved(folder) else find_prepared(folder, asked) or find_prepared(folder)
        builder = None if found is None else _open_prepared(found)
        if builder is not None and (folder != data_dir or builder.info.name == path):
            _check_version(builder, asked)
            return builder
    if path not in builders() and path not in user_builders():
        for folder in folders:
            if os.sep in path and is_configuration(folder):
                return open_folder(folder.parent, folder.name)
            is_own = folder.parent == data_folder() and not Path(path).is_absolute()  # of `prepare`
            if folder.is_dir() and folder != data_dir and not is_own:
                return open_folder(folder)
        if any(folder.is_file() for folder in folders):
            hint = "name its folder, or read the file alone, as hr.Dataset.from_csv does"
            raise UsageError("expected a folder, got a file", path=path, hint=hint)
        if os.sep in path:
            family = path.partition("/")[0]
            variants = [name for name in builders() if name.partition("/")[0] == family]
            hint = suggest(path, variants) if variants else "check the path"
            raise UsageError("no such folder or data set", path=path, hint=hint)
    return find_builder(text)


def _find_candidates(name: str, data_dir: Path | None) -> list[Path]:
    """List the folders that may hold the prepared data of a name."""
    if data_dir is not None:
        return [data_dir / name, data_dir]
    named = named_folders().get(name)
    return [data_folder() / name] if named is None else [named]


def _open_prepared(folder: Path) -> DatasetBuilder:
    prepared = open_prepared(folder)
    return DatasetBuilder(
        prepared.info, sample=prepared.read, sizes=prepared.sizes, keeps_rows=prepared.keeps_rows
    )


def _check_version(builder: DatasetBuilder, version: str | None) -> None:
    info = builder.info
    if not matches_version(info.version, version):
        what = f"'{info.name}' has version {info.version}, not '{version}'"
        raise UsageError(what, hint="load it without a version, or with that one")
