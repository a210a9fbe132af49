"""Damage of a prepared folder: files that are missing, of another size, or with wrong checksums."""

from __future__ import annotations

from pathlib import Path

from headrace.datasets.prepared.folder import open_prepared
from headrace.errors import HeadraceError
from headrace.records import check
from headrace.storage import Manifest

__all__ = ["find_damage"]

_CHECKED_BYTES = 1 << 30  # of shards; the checksums of more take seconds to read


def find_damage(folder: Path) -> str:
    """Say in a line what is damaged in a prepared folder; "" if nothing is.

    The sizes of all files are compared with the manifests, and their checksums, unless the shards are larger
    than 1 GiB together; `verify` reads those.
    """
    try:
        prepared = open_prepared(folder)
        for path in sorted(folder.glob("*.manifest.json")):
            manifest = Manifest.read(str(path))
            if manifest is not None:
                manifest.check_sizes(f"{folder}/")
        files = [Path(path) for paths in prepared.files.values() for path in paths]
        if prepared.file_format != "tfrecord" or sum(each.stat().st_size for each in files) > _CHECKED_BYTES:
            return ""
        for split, paths in prepared.files.items():
            report = check(list(paths))
            damaged = next((each.error for each in report.files if each.error is not None), None)
            if damaged is not None:
                return str(damaged)
            if report.records != prepared.sizes[split].rows:
                return f"expected {prepared.sizes[split].rows:,} rows in '{split}', got {report.records:,}"
    except (HeadraceError, OSError) as error:
        return str(error)
    return ""
