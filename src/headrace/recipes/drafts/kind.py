"""What kind of data a path holds, by the names of its files."""

from __future__ import annotations

import os
import zipfile
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal

from headrace.errors import UsageError
from headrace.images import has_image_extension
from headrace.storage import local_path

__all__ = ["Kind", "find_kind"]

Kind = Literal["table", "texts", "images"]

_MOST_FILES = 1000  # that are looked at


def find_kind(path: str) -> Kind:
    """Find whether a path is a table, or a folder (or .zip) of texts or of images.

    Raises:
        UsageError: A folder without files.
    """
    place = local_path(path)
    if place is None or not (place.is_dir() or zipfile.is_zipfile(place)):
        return "table"
    kinds: Counter[Kind] = Counter(
        _find_kind_of_file(name) for name in islice(_list_names(place), _MOST_FILES)
    )
    if not kinds:
        raise UsageError("the folder holds no files", path=path, hint="check the path")
    return kinds.most_common(1)[0][0]


def _list_names(place: Path) -> Iterator[str]:
    if place.is_file():
        with zipfile.ZipFile(place) as archive:
            yield from (name for name in archive.namelist() if not name.endswith("/"))
        return
    for _, _, names in os.walk(place, followlinks=True):
        yield from (name for name in names if not name.startswith("."))


def _find_kind_of_file(name: str) -> Kind:
    if name.lower().endswith((".parquet", ".pq")):
        return "table"
    return "images" if has_image_extension(name) else "texts"
