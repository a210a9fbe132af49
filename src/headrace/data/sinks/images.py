"""Images as files, in one folder a class."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from headrace.errors import SchemaError, UsageError
from headrace.images import encode_png, image_format
from headrace.suggestions import nearest

__all__ = ["ImageColumns", "image_columns", "write_images"]

_ENDINGS = {"jpeg": ".jpg", "png": ".png", "bmp": ".bmp", "gif": ".gif"}
_LABELS, _FILENAMES = ("label", "class", "category", "target"), ("filename", "path", "name", "id")


@dataclass(frozen=True)
class ImageColumns:
    """Which columns make a folder of images.

    Attributes:
        image: Image files as bytes, or pixels: uint8 tensors [height, width] or [height, width, channels].
        label: The class, an integer or a string: the folder.
        filename: The file's name, or None to number the files.
    """

    image: str
    label: str
    filename: str | None = None

    def others(self, schema: pa.Schema) -> list[str]:
        """Columns that have no place in a folder of images."""
        return [name for name in schema.names if name not in (self.image, self.label, self.filename)]


def _holds_images(type_: pa.DataType) -> bool:
    if isinstance(type_, pa.FixedShapeTensorType):
        return pa.types.is_uint8(type_.value_type) and len(type_.shape) in (2, 3)
    return pa.types.is_binary(type_) or pa.types.is_large_binary(type_)


def _is_name(type_: pa.DataType) -> bool:
    return pa.types.is_string(type_) or pa.types.is_large_string(type_)


def _chosen(schema: pa.Schema, given: str | None, fitting: list[str], option: str, what: str) -> str:
    if given is not None:
        if given not in schema.names:
            raise SchemaError("there is no such column", feature=given, hint=nearest(given, schema.names))
        return given
    if len(fitting) != 1:
        found = f"{len(fitting)} columns that can be ({', '.join(fitting[:6])})" if fitting else "no column"
        raise SchemaError(f"{found} {what}", hint=f"name it by {option}")
    return fitting[0]


def image_columns(schema: pa.Schema, image: str | None = None, label: str | None = None) -> ImageColumns:
    """The columns as named, else found by type and usual names.

    Raises:
        SchemaError: There is no such column, or several could be meant.
    """
    images = [field.name for field in schema if _holds_images(field.type)]
    named = [name for name in ("image", "image/encoded", "image_raw") if name in images]
    picture = _chosen(schema, image, named[:1] or images, "--image", "the image")
    types = [f for f in schema if f.name != picture and (_is_name(f.type) or pa.types.is_integer(f.type))]
    usual = [name for name in _LABELS if name in [field.name for field in types]]
    strings = [field.name for field in types if field.name not in _FILENAMES]
    folder = _chosen(schema, label, usual[:1] or strings, "--label", "the class")
    files = [f.name for f in types if f.name in _FILENAMES and _is_name(f.type) and f.name != folder]
    return ImageColumns(picture, folder, files[0] if files else None)


def _safe(name: Any, feature: str) -> str:
    """A name for a file or folder, which may come from anywhere."""
    text = str(name)
    unsafe = not text or text.startswith(".") or len(text.encode()) > 200 or not text.isprintable()
    if name is None or unsafe or "/" in text or "\\" in text:
        what = f"{text[:60]!r} cannot be the name of a file"
        raise SchemaError(what, feature=feature, hint="name another column, or rename the values")
    return text


def _encoded(value: Any, feature: str) -> tuple[bytes, str]:
    """The file's bytes and its name's ending."""
    if value is None:
        raise SchemaError("is missing in a row", feature=feature, hint="drop those rows")
    if not isinstance(value, bytes):
        return encode_png(value), ".png"
    kind = image_format(value)
    if kind is None:
        what = f"{len(value):,} bytes that are neither JPEG, PNG, BMP nor GIF"
        raise SchemaError(what, feature=feature, hint="read pixels by a schema with their shape")
    return value, _ENDINGS[kind]


def _values(column: pa.Array) -> Iterable[Any]:
    if not isinstance(column.type, pa.FixedShapeTensorType):
        return column.to_pylist()
    return (scalar.to_numpy() if scalar.is_valid else None for scalar in column)


@contextmanager
def _new_folder(path: Path) -> Generator[Path]:
    """A folder that gets its name at the end, or vanishes when an exception passes."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UsageError("exists already", path=str(path), hint="choose another place, or remove it first")
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        hidden.mkdir()
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise UsageError(what, path=str(path), hint="create the directory above it") from error
    try:
        yield hidden
        hidden.rename(path)
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        raise


def write_images(
    folder: str | os.PathLike[str], batches: Iterable[pa.RecordBatch], columns: ImageColumns
) -> list[str]:
    """Writes `folder/CLASS/NAME.png`: encoded images as they are, pixels as PNG; other columns are left out.

    The folder appears when all files are in it; one that holds anything is never written to. Files
    without a name of their own are numbered in the order of the rows.

    Returns:
        The folder.

    Raises:
        UsageError: No place to write to.
        SchemaError: A value that is no image, a class or name that cannot be a file's, or a name that comes
            twice.
    """
    place = Path(folder)
    number = 0
    with _new_folder(place) as hidden:
        for batch in batches:
            images, labels = _values(batch[columns.image]), batch[columns.label].to_pylist()
            names = batch[columns.filename].to_pylist() if columns.filename else [None] * len(labels)
            for image, label, name in zip(images, labels, names, strict=True):
                stem = f"{number:08d}" if name is None else Path(_safe(name, str(columns.filename))).stem
                data, ending = _encoded(image, columns.image)
                _write(hidden / _safe(label, columns.label), stem + ending, data, columns)
                number += 1
    return [str(place)]


def _write(folder: Path, name: str, data: bytes, columns: ImageColumns) -> None:
    folder.mkdir(exist_ok=True)
    try:
        with (folder / name).open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        what = f"two images of one class have the name {name!r}"
        raise SchemaError(what, feature=columns.filename, hint="make names unique") from error
