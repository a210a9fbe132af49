"""The file formats, by name or by file extension.

Every `Format` at the top level of a module of this package is registered: a new format is one new file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.data.formats.format import Format, Origin
from headrace.discovery import find_instances
from headrace.errors import UsageError
from headrace.storage import directory_exists, expand_home, local_path

if TYPE_CHECKING:
    from headrace.data.dataset import Dataset

__all__ = ["find_format", "find_source_format", "list_formats", "open_dataset"]


def list_formats() -> list[Format]:
    """List all file formats, sorted by name."""
    return sorted(find_instances("headrace.data.formats", Format), key=lambda each: each.name)


def find_format(path: str, name: str | None = None) -> Format:
    """Return the format to write: the one called `name`, or that of the extension; images for a folder.

    Raises:
        UsageError: Unknown name or extension, or a format that is read only.
    """
    known = {each.name: each for each in list_formats() if each.is_written}
    if name is not None:
        return _find_by_name(path, name, known)
    path = expand_home(path)
    is_folder = local_path(path) is not None and directory_exists(path)
    by_name = next((each for each in known.values() if path.endswith(each.extensions)), None)
    if by_name is not None and is_folder:
        hint = "choose another name, or name the format: images"
        raise UsageError("a folder has this name", path=path, hint=hint)
    if is_folder or path.endswith("/"):
        return known["images"]
    if by_name is not None:
        return by_name
    usual = ", ".join(each.extensions[0] for each in known.values() if each.extensions)
    hint = f"use one of {usual}, or name the format: {', '.join(known)}"
    if any(each.source_extensions and path.endswith(each.source_extensions) for each in list_formats()):
        raise UsageError("files of this format are read, not written", path=path, hint=hint)
    raise UsageError("no format has this extension", path=path, hint=hint)


def _find_by_name(path: str, name: str, known: dict[str, Format]) -> Format:
    if name in known:
        return known[name]
    hint = f"choose one of {', '.join(known)}"
    if name in [each.name for each in list_formats()]:
        raise UsageError(f"{name} files are read, not written", path=path, hint=hint)
    raise UsageError(f"unknown format {name!r}", path=path, hint=hint)


def find_source_format(path: str, name: str | None = None) -> Format:
    """Return the format of existing data; see `find_format`.

    A path without a known extension may be the base name of record files, or a file that holds records.

    Raises:
        UsageError: Unknown name or extension, or no such file.
    """
    if name is not None:
        return _find_by_name(path, name, {each.name: each for each in list_formats()})
    for each in list_formats():
        if each.source_extensions and path.endswith(each.source_extensions):
            return each
    try:
        return find_format(path)
    except UsageError:
        from headrace.records.tfrecord import holds_records, resolve

        first, *_ = resolve(path)
        tfrecord = find_format(path, "tfrecord")
        if not (first.endswith(tfrecord.extensions) or holds_records(first)):
            raise
        return tfrecord


def open_dataset(path: str | Origin) -> Dataset:
    """Open a file, glob, folder of images or base name of record files as a dataset, by its extension.

    Raises:
        UsageError: Unknown extension, no such file, or options that its format does not have.
    """
    origin = path if isinstance(path, Origin) else Origin(path)
    return find_source_format(origin.path).open(origin)
