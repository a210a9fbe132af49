"""Folders that `save_to_disk` of Hugging Face's `datasets` has written, read without it.

dataset_dict.json          {"splits": ["train", "test"]}, in a folder with one folder for each split
state.json                 the names of the Arrow files of a split
dataset_info.json          its features, description, licence and citation
data-00000-of-00002.arrow  Arrow streams
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any, cast

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.folders.card import Card
from headrace.datasets.folders.data_files import find_class_names, open_files
from headrace.datasets.folders.folder_builder import OpenSplits, make_builder
from headrace.errors import UsageError
from headrace.storage import read_bytes

__all__ = ["is_saved", "open_saved"]

_DICT, _STATE, _INFO = "dataset_dict.json", "state.json", "dataset_info.json"
_MAX_JSON = 64 << 20  # bytes
_HINT = "save the data set again"


def is_saved(folder: Path) -> bool:
    """Return whether `save_to_disk` has written a folder."""
    return (folder / _DICT).is_file() or (folder / _STATE).is_file()


def open_saved(folder: Path) -> DatasetBuilder:
    """Open a folder that `save_to_disk` has written.

    Raises:
        UsageError: A file is missing or damaged.
    """
    splits = _list_splits(folder)
    files = {name: _list_files(place) for name, place in splits.items()}
    openers = {name: partial(_open, each, folder) for name, each in files.items()}
    first = next(iter(splits.values()))
    info = _read_json(first / _INFO) if (first / _INFO).is_file() else {}
    card = Card(
        licence=str(info.get("license") or ""),
        description=str(info.get("description") or ""),
        citation=str(info.get("citation") or ""),
    )
    names = find_class_names(info.get("features"))
    title = str(info.get("dataset_name") or folder.name)
    return make_builder(title, str(folder), OpenSplits(openers), card=card, class_names=names)


def _open(files: list[str], folder: Path) -> Dataset:
    return open_files("Arrow", files, str(folder))


def _list_splits(folder: Path) -> dict[str, Path]:
    if not (folder / _DICT).is_file():
        return {_find_split(folder): folder}
    names = _read_json(folder / _DICT).get("splits")
    if not isinstance(names, list) or not names:
        raise UsageError("expected the names of splits", path=str(folder / _DICT), hint=_HINT)
    return {str(name): folder / _check_name(name, folder / _DICT) for name in names}


def _find_split(folder: Path) -> str:
    split = _read_json(folder / _STATE).get("_split")
    return split if isinstance(split, str) and split.isidentifier() else "train"


def _list_files(folder: Path) -> list[str]:
    path = folder / _STATE
    state = _read_json(path)
    if state.get("_indices_data_files"):
        what = "rows are chosen by a file of indices"
        raise UsageError(what, path=str(path), hint="call flatten_indices() before saving")
    entries = state.get("_data_files")
    if not isinstance(entries, list) or not entries or not all(isinstance(each, dict) for each in entries):
        raise UsageError("expected the names of the files", path=str(path), hint=_HINT)
    names = [_check_name(cast("dict[str, Any]", each).get("filename"), path) for each in entries]
    for name in names:
        if not (folder / name).is_file():
            raise UsageError("this file is missing", path=str(folder / name), hint="copy it again")
    return [str(folder / name) for name in names]


def _check_name(name: object, path: Path) -> str:
    if not isinstance(name, str) or not name or "/" in name or "\\" in name or name.startswith("."):
        raise UsageError(f"not a name: {str(name)[:80]!r}", path=str(path), hint=_HINT)
    return name


def _read_json(path: Path) -> dict[str, Any]:
    if path.is_file() and path.stat().st_size > _MAX_JSON:
        raise UsageError("larger than 64 MiB", path=str(path), hint=_HINT)
    try:
        stored = json.loads(read_bytes(str(path)))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not JSON ({str(error)[:160]})", path=str(path), hint=_HINT) from error
    if not isinstance(stored, dict):
        raise UsageError("expected an object", path=str(path), hint=_HINT)
    return cast("dict[str, Any]", stored)
