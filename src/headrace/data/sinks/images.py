"""Write images as files, in one folder per class."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from headrace.columns import check_text
from headrace.errors import SchemaError
from headrace.file_errors import wrap_file_errors
from headrace.images import NAMES_OF_FORMATS, describe_other, encode_png, image_format
from headrace.storage import atomic_folder, local_target
from headrace.suggestions import suggest

__all__ = ["ImageColumns", "find_image_columns", "write_images"]

_EXTENSIONS = {
    "jpeg": ".jpg", "png": ".png", "bmp": ".bmp", "gif": ".gif", "webp": ".webp", "tiff": ".tiff",
    "avif": ".avif",
}  # fmt: skip
_LABELS, _FILENAMES = ("label", "class", "category", "target"), ("filename", "path", "name", "id")


@dataclass(frozen=True)
class ImageColumns:
    """The columns that a folder of images is written from.

    Attributes:
        image: Image files as bytes, or pixels: uint8 tensors [height, width] or [height, width, channels].
        label: The class, an integer or a string: the name of the folder.
        filename: The name of the file, or None to number the files.
    """

    image: str
    label: str
    filename: str | None = None

    def list_dropped(self, schema: pa.Schema) -> list[str]:
        """List the columns that a folder of images cannot hold."""
        return [name for name in schema.names if name not in (self.image, self.label, self.filename)]


def _holds_images(type_: pa.DataType) -> bool:
    if isinstance(type_, pa.FixedShapeTensorType):
        return pa.types.is_uint8(type_.value_type) and len(type_.shape) in (2, 3)
    return pa.types.is_binary(type_) or pa.types.is_large_binary(type_)


def _is_text(type_: pa.DataType) -> bool:
    return pa.types.is_string(type_) or pa.types.is_large_string(type_)


def _choose_column(
    schema: pa.Schema, given: str | None, candidates: list[str], option: str, what: str
) -> str:
    if given is not None:
        if given not in schema.names:
            raise SchemaError(
                "the data does not have this column", feature=given, hint=suggest(given, schema.names)
            )
        return given
    if len(candidates) != 1:
        found = f"{len(candidates)} columns ({', '.join(candidates[:6])})" if candidates else "no column"
        raise SchemaError(f"expected one column for {what}, found {found}", hint=f"name it with {option}")
    return candidates[0]


def find_image_columns(schema: pa.Schema, image: str | None = None, label: str | None = None) -> ImageColumns:
    """Find the columns of a folder of images: those given, else by their types and usual names.

    Raises:
        SchemaError: A column does not exist, or the choice is ambiguous.
    """
    images = [field.name for field in schema if _holds_images(field.type)]
    named = [name for name in ("image", "image/encoded", "image_raw") if name in images]
    picture = _choose_column(schema, image, named[:1] or images, "--image", "images")
    types = [f for f in schema if f.name != picture and (_is_text(f.type) or pa.types.is_integer(f.type))]
    usual = [name for name in _LABELS if name in [field.name for field in types]]
    strings = [field.name for field in types if field.name not in _FILENAMES]
    folder = _choose_column(schema, label, usual[:1] or strings, "--label", "classes")
    files = [f.name for f in types if f.name in _FILENAMES and _is_text(f.type) and f.name != folder]
    return ImageColumns(picture, folder, files[0] if files else None)


def _safe_name(name: Any, feature: str) -> str:
    """Return the value as a name for a file or folder; reject one that could lead outside the folder."""
    text = str(name)
    unsafe = not text or text.startswith(".") or len(text.encode()) > 200 or not text.isprintable()
    if name is None or unsafe or "/" in text or "\\" in text:
        what = f"{text[:60]!r} cannot be used as a file name"
        raise SchemaError(what, feature=feature, hint="choose another column, or rename the values")
    return text


def _encode(value: Any, feature: str) -> tuple[bytes, str]:
    """Return the bytes of the image file and its extension."""
    if value is None:
        raise SchemaError("an image is missing", feature=feature, hint="drop the rows without an image")
    if not isinstance(value, bytes):
        return encode_png(value), ".png"
    kind = image_format(value)
    if kind is None:
        what = f"expected a {NAMES_OF_FORMATS} file, got {describe_other(value)}"
        raise SchemaError(what, feature=feature, hint="read raw pixels with a schema that has their shape")
    return value, _EXTENSIONS[kind]


def _image_values(column: pa.Array) -> Iterable[Any]:
    if not isinstance(column.type, pa.FixedShapeTensorType):
        return column.to_pylist()
    return (scalar.to_numpy() if scalar.is_valid else None for scalar in column)


def write_images(
    folder: str | os.PathLike[str], batches: Iterable[pa.RecordBatch], columns: ImageColumns
) -> list[str]:
    """Write `folder/CLASS/NAME.png`: encoded images unchanged, pixels as PNG; other columns are dropped.

    The folder appears when it is complete; a folder that is not empty is never written to. Files without a
    name in the data are numbered in row order.

    Returns:
        The folder, as the only path in a list.

    Raises:
        UsageError: The folder exists or cannot be written to.
        SchemaError: A value is not an image, a class or name cannot be used as a file name, or two images of
            a class have the same name.
    """
    target = local_target(folder)
    number = 0
    with atomic_folder(target) as hidden:
        for batch in batches:
            check_text(
                batch.select([name for name in (columns.label, columns.filename) if name]), first_row=number
            )
            images, labels = _image_values(batch[columns.image]), batch[columns.label].to_pylist()
            names = batch[columns.filename].to_pylist() if columns.filename else [None] * len(labels)
            for image, label, name in zip(images, labels, names, strict=True):
                stem = f"{number:08d}" if name is None else Path(_safe_name(name, str(columns.filename))).stem
                data, extension = _encode(image, columns.image)
                with wrap_file_errors(str(target), "cannot be written", "choose another place"):
                    _write(hidden / _safe_name(label, columns.label), stem + extension, data, columns)
                number += 1
    return [str(target)]


def _write(folder: Path, name: str, data: bytes, columns: ImageColumns) -> None:
    folder.mkdir(exist_ok=True)
    try:
        with (folder / name).open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        what = f"two images of a class are named {name!r}"
        raise SchemaError(what, feature=columns.filename, hint="make the names unique") from error
