"""The features of columns: how they are stored, and how `features.json` describes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from headrace.columns import to_numpy_type
from headrace.datasets.prepared.features import Feature
from headrace.errors import SchemaError, UsageError
from headrace.records.schema import is_date
from headrace.suggestions import suggest

__all__ = ["ENCODINGS", "describe_columns"]

ENCODINGS = ("png", "jpeg", "image", "bytes", "zlib", "plain", "bbox")
_PACKAGE = "tensorflow_datasets.core.features."
_CLASSES = {
    "featuresDict": "features_dict.FeaturesDict",
    "sequence": "sequence_feature.Sequence",
    "tensor": "tensor_feature.Tensor",
    "text": "text_feature.Text",
    "classLabel": "class_label_feature.ClassLabel",
    "image": "image_feature.Image",
    "boundingBox": "bounding_boxes.BBoxFeature",
}
_Shape = tuple[int | None, ...]


def describe_columns(
    schema: pa.Schema, encodings: Mapping[str, str], class_names: Mapping[str, Sequence[str]]
) -> tuple[tuple[Feature, ...], dict[str, Any]]:
    """Choose the feature of each column.

    Args:
        schema: The columns.
        encodings: How columns are stored where it is not the default; see `write_folder`.
        class_names: The names of the classes of integer columns.

    Returns:
        The features, and the content of `features.json`.

    Raises:
        SchemaError: A type that no feature holds.
        UsageError: An encoding that is unknown, or does not suit its column.
    """
    for name, encoding in encodings.items():
        if name not in schema.names:
            raise UsageError(f"encodings: no column '{name}'", hint=suggest(name, schema.names))
        if encoding not in ENCODINGS:
            what = f"encodings: unknown encoding {encoding!r} of '{name}'"
            raise UsageError(what, hint=f"choose one of {', '.join(ENCODINGS)}")
    described = [
        _describe(field, encodings.get(field.name), len(class_names.get(field.name, ()))) for field in schema
    ]
    tree: dict[str, Any] = {}
    for feature, stored in described:
        *outer, key = _split_name(feature.name, schema.names)
        folder = tree
        for each in outer:
            folder = folder.setdefault(each, {})
        folder[key] = stored
    return tuple(feature for feature, _ in described), _describe_dict(tree)


def _split_name(name: str, names: Sequence[str]) -> list[str]:
    """Split "outer/inner" into the keys of nested dictionaries, unless a part is a column of its own."""
    parts = name.split("/")
    prefixes = ["/".join(parts[:count]) for count in range(1, len(parts))]
    return [name] if "" in parts or any(prefix in names for prefix in prefixes) else parts


def _describe_dict(tree: Mapping[str, Any]) -> dict[str, Any]:
    features = {
        key: each if "pythonClassName" in each else _describe_dict(each) for key, each in tree.items()
    }
    return _wrap("featuresDict", {"features": features})


def _describe(field: pa.Field, encoding: str | None, classes: int) -> tuple[Feature, dict[str, Any]]:
    shape, type_ = _unnest(field.type)
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return _describe_bytes(field, encoding, shape)
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return _describe_text(field, encoding, shape)
    if is_date(type_):
        return _describe_dates(field, encoding, shape, type_)
    if not (pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_boolean(type_)):
        what = f"no feature of TensorFlow Datasets holds the type {field.type}"
        raise SchemaError(what, feature=field.name, hint=_suggest_cast(type_))
    dtype = str(to_numpy_type(type_))
    if classes and not shape:
        return _describe_classes(field, encoding, dtype, classes)
    if encoding == "bbox":
        return _describe_boxes(field, shape, dtype)
    lists = _count_lists(shape)
    is_image = dtype == "uint8" and len(shape) - lists == 3 and shape[-1] in (1, 3, 4) and lists <= 1
    if encoding in ("png", "jpeg") or (encoding is None and is_image):
        if not is_image or (encoding == "jpeg" and shape[-1] == 4):
            what = f"cannot be stored as {encoding} images: {field.type}"
            hint = "pass uint8 tensors [height, width, 1 or 3]"
            raise SchemaError(what, feature=field.name, hint=hint)
        sizes = shape[lists:]
        stored = {"dtype": "uint8", "encodingFormat": encoding or "png", "shape": _sizes(sizes)}
        feature = Feature(field.name, "uint8", shape, "image", lists)
        return feature, _nest(shape[:lists], _wrap("image", stored))
    return _describe_tensor(field, encoding, shape, dtype)


def _suggest_cast(type_: pa.DataType) -> str:
    if pa.types.is_temporal(type_):
        width = "int32" if pa.types.is_time32(type_) else "int64"
        return f"cast it in a map: column.cast(pa.string()), or column.cast(pa.{width}()) without loss"
    if pa.types.is_decimal(type_):
        return "cast it in a map: column.cast(pa.string()) without loss, or column.cast(pa.float64())"
    return "cast it to numbers or strings, or drop the column"


def _describe_bytes(field: pa.Field, encoding: str | None, shape: _Shape) -> tuple[Feature, dict[str, Any]]:
    if encoding in ("image", "png", "jpeg"):
        format_ = {} if encoding == "image" else {"encodingFormat": encoding}
        image = _wrap("image", {"dtype": "uint8", **format_, "shape": _sizes((None, None, 3))})
        return Feature(field.name, "bytes", shape, lists=len(shape)), _nest(shape, image)
    if encoding not in (None, "plain"):
        raise _encoding_error(field, encoding)
    optional = field.nullable and not shape
    return (
        Feature(field.name, "bytes", shape, optional=optional),
        _nest(shape, _tensor("string", (), optional=optional)),
    )


def _describe_text(field: pa.Field, encoding: str | None, shape: _Shape) -> tuple[Feature, dict[str, Any]]:
    if encoding not in (None, "plain"):
        raise _encoding_error(field, encoding)
    if field.nullable and not shape:
        return Feature(field.name, "string", optional=True), _tensor("string", (), optional=True)
    if shape and None not in shape:
        return Feature(field.name, "string", shape), _tensor("string", shape)
    return Feature(field.name, "string", shape), _nest(shape, _wrap("text", {}))


def _describe_classes(
    field: pa.Field, encoding: str | None, dtype: str, classes: int
) -> tuple[Feature, dict[str, Any]]:
    if encoding not in (None, "plain") or not dtype.startswith(("int", "uint")):
        raise SchemaError(f"expected the numbers of classes, got {field.type}", feature=field.name)
    label = _wrap("classLabel", {"numClasses": str(classes)})
    return Feature(field.name, "int64", classes=True), label


def _describe_dates(
    field: pa.Field, encoding: str | None, shape: _Shape, type_: pa.DataType
) -> tuple[Feature, dict[str, Any]]:
    """Describe dates as the integers that Arrow holds; the schema file of the shards has their type."""
    if encoding not in (None, "plain"):
        raise _encoding_error(field, encoding)
    feature, stored = _describe_tensor(field, "plain", shape, "int64")
    return replace(feature, date=type_), stored


def _describe_boxes(field: pa.Field, shape: _Shape, dtype: str) -> tuple[Feature, dict[str, Any]]:
    if dtype != "float32" or shape[-1:] != (4,):
        what = f"expected float32 boxes [4] of ymin, xmin, ymax, xmax, got {field.type}"
        raise SchemaError(what, feature=field.name, hint="cast them, or leave the encoding out")
    box = _wrap("boundingBox", {"bboxFormat": "REL_YXYX", "dtype": "float32", "shape": _sizes((4,))})
    return Feature(field.name, "float32", shape), _nest(shape[:-1], box)


def _describe_tensor(
    field: pa.Field, encoding: str | None, shape: _Shape, dtype: str
) -> tuple[Feature, dict[str, Any]]:
    """Describe numbers: as bytes where an Example's lists lose digits, or take more room."""
    is_ragged = shape.count(None) > 1
    is_wide = (len(shape) > 1 and dtype not in ("float32", "bool")) or (dtype == "uint8" and len(shape) > 0)
    if encoding is None:
        encoding = "bytes" if dtype == "float64" or (is_wide and None not in shape) else "plain"
    if encoding not in ("plain", "bytes", "zlib") or (is_ragged and encoding != "plain"):
        if is_ragged and dtype == "float64":
            what = f"no feature of TensorFlow Datasets holds the type {field.type} without losing digits"
            hint = f"cast it to float32, or pass encodings={{'{field.name}': 'plain'}}, which stores float32"
            raise SchemaError(what, feature=field.name, hint=hint)
        raise _encoding_error(field, encoding)
    optional = field.nullable and None not in shape
    if encoding != "plain":
        optional = optional and not shape
        feature = Feature(field.name, dtype, shape, encoding, optional=optional)
        return feature, _tensor(dtype, shape, encoding)
    feature = Feature(field.name, dtype, shape, optional=optional)
    lists = max((place + 1 for place, size in enumerate(shape) if size is None), default=0)
    if lists > 1 and shape[:lists].count(None) == 1:
        return feature, _tensor(dtype, shape)  # lists of one length, in a list of fixed size
    if shape[:lists].count(None) != lists:
        what = f"no feature of TensorFlow Datasets holds the type {field.type}"
        raise SchemaError(
            what, feature=field.name, hint="cast its lists of fixed size to lists of any length"
        )
    return feature, _nest(shape[:lists], _tensor(dtype, shape[lists:], optional=optional))


def _unnest(type_: pa.DataType) -> tuple[_Shape, pa.DataType]:
    """Return the sizes of the lists of a type, None for any length, and the type of its values."""
    shape: _Shape = ()
    while True:
        if isinstance(type_, pa.FixedShapeTensorType):
            shape, type_ = (*shape, *type_.shape), type_.value_type
        elif pa.types.is_fixed_size_list(type_):
            shape, type_ = (*shape, type_.list_size), type_.value_type
        elif pa.types.is_list(type_) or pa.types.is_large_list(type_):
            shape, type_ = (*shape, None), type_.value_type
        else:
            return shape, type_.value_type if pa.types.is_dictionary(type_) else type_


def _count_lists(shape: _Shape) -> int:
    return max(0, len(shape) - 3)


def _nest(lists: _Shape, stored: dict[str, Any]) -> dict[str, Any]:
    for size in reversed(lists):
        stored = _wrap("sequence", {"feature": stored, "length": str(-1 if size is None else size)})
    return stored


def _tensor(dtype: str, shape: _Shape, encoding: str = "none", *, optional: bool = False) -> dict[str, Any]:
    missing = {"optional": True} if optional else {}
    return _wrap("tensor", {"dtype": dtype, "encoding": encoding, **missing, "shape": _sizes(shape)})


def _sizes(shape: _Shape) -> dict[str, Any]:
    return {"dimensions": [str(-1 if size is None else size) for size in shape]} if shape else {}


def _wrap(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {kind: content, "pythonClassName": _PACKAGE + _CLASSES[kind]}


def _encoding_error(field: pa.Field, encoding: str | None) -> UsageError:
    what = f"encodings: {encoding!r} does not suit the column '{field.name}', {field.type}"
    return UsageError(what, hint="leave it out")
