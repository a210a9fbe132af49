"""Open a folder of any manner."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.folders.card import Card, read_card
from headrace.datasets.folders.class_folders import open_class_folders
from headrace.datasets.folders.data_files import open_files, read_class_names
from headrace.datasets.folders.file_splits import FileSplits
from headrace.datasets.folders.folder_builder import OpenSplits, make_builder
from headrace.datasets.folders.image_tables import open_image_tables
from headrace.datasets.folders.saved import is_saved, open_saved
from headrace.errors import UsageError
from headrace.file_errors import wrap_file_errors
from headrace.images import has_image_extension
from headrace.source_line import warn_user
from headrace.storage import read_bytes

__all__ = ["is_configuration", "open_folder"]

_MOST_DEPTH, _MOST_FILES = 5, 200_000  # of the folders that are searched, and of files in them
_LOOKED_FOR = (
    "looked for dataset_info.json, also in folders of versions; dataset_dict.json or state.json; Parquet, "
    "Arrow, CSV, JSON lines, tar or TFRecord files; CLASS/FILE or train/CLASS/FILE of images or texts"
)


def is_configuration(path: Path) -> bool:
    """Return whether FOLDER/NAME names a configuration of FOLDER, rather than a folder of its own.

    It does if the card of FOLDER knows the name, or knows others and this folder does not exist.
    """
    readme = path.parent / "README.md"
    if not readme.is_file():
        return False
    try:
        names = [config.name for config in _read_card(path.parent).configs]
    except UsageError:
        return False
    return path.name in names or (len(names) > 1 and not path.exists())


def open_folder(folder: Path, config: str | None = None) -> DatasetBuilder:
    """Open a folder, but for those of TensorFlow Datasets.

    Args:
        folder: The folder.
        config: The name of a configuration that its card names; None is the default.

    Raises:
        UsageError: A folder in which nothing is found, or what is found is ambiguous or damaged.
        SchemaError: Files of a split differ in their columns.
    """
    path = str(folder)
    with wrap_file_errors(path, "cannot be read", "check the path and its permissions"):
        if is_saved(folder):
            return open_saved(folder)
        card = _read_card(folder)
        names = list(_list_files(folder))
        if config is None and not any(each.files or each.folder for each in card.configs):
            tables = open_image_tables(folder, card, names)
            if tables is not None:
                return tables
        found = FileSplits.find(names, card, config, path)
        if found is None:
            builder = open_class_folders(folder, card)
            if builder is None:
                raise _not_found(folder, names)
            return builder
        if found.kind in ("CSV", "JSON lines") and (images := list(filter(has_image_extension, names))):
            what = f"left out {len(images):,} images ({images[0]}, ...)"
            warn_user(f"{path}: {what}; the rows are those of the {found.kind} files")
        files = {split: [str(folder / name) for name in each] for split, each in found.files.items()}
        first = next(iter(files.values()))[0]
        openers = {split: partial(open_files, found.kind, each, path) for split, each in files.items()}
        in_files = read_class_names(first) if found.kind in ("Parquet", "Arrow") else {}
        return make_builder(
            folder.name,
            path,
            OpenSplits(openers),
            card=card,
            class_names={**in_files, **found.config.class_names},
            rows=found.config.rows,
        )


def _not_found(folder: Path, names: Sequence[str]) -> UsageError:
    flat = [name for name in names if "/" not in name]
    images, texts = list(filter(has_image_extension, flat)), [name for name in flat if name.endswith(".txt")]
    if images or texts:
        found = f"{len(images):,} images" if images else f"{len(texts):,} texts"
        more = ", or add metadata.csv with their names in the column file_name" if images else ""
        what = f"found {found} outside of folders that name their classes"
        return UsageError(what, path=str(folder), hint=f"make a folder for each class{more}")
    return UsageError("not a data set", path=str(folder), hint=_LOOKED_FOR)


def _read_card(folder: Path) -> Card:
    readme = folder / "README.md"
    return read_card(read_bytes(str(readme)) if readme.is_file() else None, str(readme))


def _list_files(folder: Path) -> Iterator[str]:
    """List the files in a folder, hidden ones left out; a folder of many images is not listed to its end."""
    count = 0
    for place, inner, files in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        inner[:] = sorted(each for each in inner if not each.startswith((".", "_")) and depth < _MOST_DEPTH)
        for name in sorted(files):
            if name.startswith((".", "_")):
                continue
            count += 1
            if count > _MOST_FILES:
                return
            yield Path(place, name).relative_to(folder).as_posix()
