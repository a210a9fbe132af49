"""The folder of a saved transform: whether one may be written there, and what an earlier one left in it."""

from __future__ import annotations

from pathlib import Path

from headrace.storage import directory_exists, file_exists, is_working_file, local_path, sweep

__all__ = ["VOCABULARIES", "find_files", "is_free", "remove_empty_vocabularies"]

VOCABULARIES = "vocabularies"


def is_free(target: str) -> bool:
    """Return whether nothing lies in the way of a new directory."""
    local = local_path(target)
    if local is None:
        return not file_exists(target) and not directory_exists(target)
    return not local.exists() or _is_empty(local)


def _is_empty(path: Path) -> bool:
    """Return whether a directory holds nothing but what a killed writer left."""
    if not path.is_dir():
        return False
    return all(
        is_working_file(each.name) or (each.name == VOCABULARIES and _is_empty(each))
        for each in path.iterdir()
    )


def find_files(target: str) -> list[str]:
    """Find the files of a local transform that was saved without a manifest."""
    directory = local_path(target)
    if directory is None:
        return []
    vocabularies = [f"{VOCABULARIES}/{path.name}" for path in (directory / VOCABULARIES).glob("*.txt")]
    return [
        name
        for name in ("graph.json", "statistics.json", "plan.json", *vocabularies)
        if (directory / name).is_file()
    ]


def remove_empty_vocabularies(target: str) -> None:
    """Delete the folder of vocabularies if the transform before had some and this one has none."""
    directory = local_path(target)
    if directory is None:
        return
    folder = directory / VOCABULARIES
    sweep(folder, lambda _: True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
