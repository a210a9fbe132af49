"""Folders that the user has given a name: `load("NAME")` reads them.

`folders.json` in the folder of `data_folder` holds their absolute paths:

    {"format": 1, "folders": {"clouds": "/data/clouds"}}
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

from headrace.datasets.data_folder import data_folder
from headrace.errors import UsageError
from headrace.storage import FolderLock, read_bytes, write_text

__all__ = ["add_folder", "check_dataset_name", "named_folders"]

_FORMAT = 1
_MAX_SIZE = 16 << 20  # bytes
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_\-]{0,99}", re.ASCII)


def check_dataset_name(name: str) -> str:
    """Return the name of a data set.

    Raises:
        UsageError: It does not begin with a letter, or has other characters than letters, digits, _ and -.
    """
    if not _NAME.fullmatch(name) or name == "downloads":
        hint = "begin with a letter, and use letters, digits, _ and -"
        raise UsageError(f"not the name of a data set: {name[:100]!r}", hint=hint)
    return name


def named_folders() -> dict[str, Path]:
    """Return the folders by name, sorted.

    Raises:
        UsageError: The file with the names is damaged.
    """
    path = data_folder() / "folders.json"
    if not path.is_file():
        return {}
    hint = "delete this file, and add the folders again"
    if path.stat().st_size > _MAX_SIZE:
        raise UsageError("larger than 16 MiB", path=str(path), hint=hint)
    try:
        stored: Any = json.loads(read_bytes(str(path)))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not JSON ({str(error)[:160]})", path=str(path), hint=hint) from error
    folders = stored.get("folders") if isinstance(stored, dict) else None
    if not isinstance(folders, dict) or stored.get("format") != _FORMAT:
        raise UsageError('expected {"format": 1, "folders": {...}}', path=str(path), hint=hint)
    entries = cast("dict[str, object]", folders)
    for name, folder in entries.items():
        if not _NAME.fullmatch(name) or not isinstance(folder, str) or not folder.startswith("/"):
            what = f"expected the absolute path of a folder under the name {name[:100]!r}"
            raise UsageError(what, path=str(path), hint=hint)
    return {name: Path(str(entries[name])) for name in sorted(entries)}


def add_folder(name: str, folder: Path) -> None:
    """Give a folder a name, or a name another folder.

    Raises:
        UsageError: Not a name of a data set, or the file cannot be written.
    """
    root = data_folder()
    with FolderLock(root, wait=True):
        folders = {**named_folders(), check_dataset_name(name): folder}
        stored = {"format": _FORMAT, "folders": {each: str(path) for each, path in folders.items()}}
        write_text(root / "folders.json", json.dumps(stored, indent=2) + "\n")
