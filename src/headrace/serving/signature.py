"""The signature of an exported model: how it is fed, and what its answers mean.

It lies in the ONNX file, as the JSON text of the metadata entry `headrace.signature`. What feeds a model or
shows it goes by the signature; a file without one is fed by the types of its tensors.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from headrace.errors import ModelError
from headrace.json_fields import read_value

__all__ = ["SIGNATURE_KEY", "SIGNATURE_VERSION", "Input", "Output", "Signature"]

SIGNATURE_KEY = "headrace.signature"
SIGNATURE_VERSION = 1
_MOST_WORDS = 1000  # of a vocabulary
_MOST_BYTES = 8 << 20  # of the text
_MOST_FIELD_BYTES = 64 << 10  # of a vocabulary, a default or an example
_MOST_COLUMNS, _MOST_CLASSES, _MOST_DIMENSIONS = 10_000, 100_000, 8
_ADDED = ("thresholds", "quantiles")  # fields of outputs, in no file of version 1 that does not need them
_HINT = "export the model again"


@dataclass(frozen=True)
class Input:
    """A raw column that the model reads.

    Attributes:
        name: The column.
        type: The dtype of its values: "string", "bool", "int64", "uint8", "float32", ...; "timestamp[us]" of
            dates, whose tensor is int64: microseconds since 1970-01-01 00:00 UTC, -2**63 if missing.
        shape: The shape of one row: `()` is one value, `(4,)` four, `(None,)` a list of any length,
            `(None, None, 3)` an image of any size.
        tensors: The ONNX inputs that carry it: `("x",)`, or `("x.values", "x.row_splits")` of a list.
        optional: Whether the column may be absent: the model was made for missing values of it.
        default: What a missing value becomes; None is NaN, the empty string or the empty list.
        minimum: The smallest value in training, if known.
        maximum: The largest value in training, if known.
        vocabulary: The first 1,000 words that training saw, if known.
        vocabulary_size: The number of all words that training saw.
        unit: The unit, if the user named one.
        encoding: How a cell becomes a value; None is as it is. "image": pixels, decoded; "number": what is
            not a finite number is missing, words too; "boolean": 0 or 1.
        example: The value in the example row.
    """

    name: str
    type: str
    shape: tuple[int | None, ...] = ()
    tensors: tuple[str, ...] = ()
    optional: bool = False
    default: Any = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    vocabulary: tuple[str, ...] | None = None
    vocabulary_size: int | None = None
    unit: str | None = None
    encoding: str | None = None
    example: Any = None


@dataclass(frozen=True)
class Output:
    """A named output.

    Attributes:
        name: The name.
        type: The dtype of its values.
        shape: The shape of one row.
        kind: What it means: "class", "probabilities", "number", "labels", "label_probabilities", "quantiles",
            or another word of the head.
        classes: The names of the classes or labels, in the order of the probabilities; None without.
        threshold: The probability from which on the answer is the second class, of a binary classifier; or
            from which on a row has a label, of several labels at once.
        thresholds: The same, for each label.
        quantiles: The share of rows that should lie below each number, of quantiles.
    """

    name: str
    type: str
    shape: tuple[int | None, ...] = ()
    kind: str = "number"
    classes: tuple[str, ...] | None = None
    threshold: float | None = None
    thresholds: tuple[float, ...] | None = None
    quantiles: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Signature:
    """How a model is fed, what its answers mean, and where it comes from.

    Attributes:
        inputs: The raw columns.
        outputs: The outputs, in the order of the file.
        head: The name of the head's class.
        versions: Package name to version, at export.
        data_fingerprint: The fingerprint of the training data, if known.
        digests: The digests of what it was exported from: "transform", "weights" and "head", if known.
        version: The version of this format.
    """

    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    head: str = ""
    versions: dict[str, str] = field(default_factory=dict[str, str])
    data_fingerprint: str | None = None
    digests: dict[str, str] = field(default_factory=dict[str, str])
    version: int = SIGNATURE_VERSION

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the raw columns."""
        return tuple(each.name for each in self.inputs)

    def to_json(self) -> str:
        """Write the signature as JSON text.

        Numbers that are not finite become null. Of a vocabulary the first 1,000 words are kept, or as many as
        64 KiB hold; a longer example is left out.

        Raises:
            ModelError: The text would be longer than `from_json` reads, or a default is not a JSON value.
        """
        bounded = replace(self, inputs=tuple(map(_bound, self.inputs)))
        try:
            stored = _drop_added(_replace_non_finite(asdict(bounded)))
            text = json.dumps(stored, ensure_ascii=False, allow_nan=False)
            size = len(text.encode())
        except (TypeError, ValueError) as error:
            raise ModelError(f"the signature cannot be written as JSON ({error})") from error
        if size > _MOST_BYTES:
            what = (
                f"the signature is larger than {_MOST_BYTES >> 20} MiB: it has {len(self.inputs):,} columns"
            )
            raise ModelError(what, hint="stack columns into one")
        return text

    @staticmethod
    def from_json(text: str, path: str | None = None) -> Signature:
        """Read a signature from JSON text.

        Args:
            text: What `to_json` returned.
            path: The file that it comes from, for messages.

        Raises:
            ModelError: The text is not a signature, or one of another version.
        """
        if len(text) > _MOST_BYTES:
            raise ModelError(f"the signature is larger than {_MOST_BYTES >> 20} MiB", path=path, hint=_HINT)
        try:
            stored = json.loads(text, parse_constant=_refuse_constant)
            found = read_value(stored, dict[str, Any], "the signature").get("version")
            if type(found) is int and found != SIGNATURE_VERSION:
                raise ModelError(
                    f"the signature has version {found}, expected {SIGNATURE_VERSION}",
                    path=path,
                    hint="use the version of Headrace that exported the file",
                )
            read_value(found, int, "field 'version'")
            signature: Signature = read_value(stored, Signature, "the signature")
            _check(signature)
        except (ValueError, RecursionError) as error:
            what = f"the signature is damaged ({str(error)[:200] or type(error).__name__})"
            raise ModelError(what, path=path, hint=_HINT) from error
        return signature


def _bound(column: Input) -> Input:
    """Cut the vocabulary and drop an example, if they are long."""
    words, size = list[str](), 0
    for word in (column.vocabulary or ())[:_MOST_WORDS]:
        size += len(word.encode(errors="replace")) + 4
        if size > _MOST_FIELD_BYTES:
            break
        words.append(word)
    example = column.example if _count_bytes(column.example) <= _MOST_FIELD_BYTES else None
    known = None if column.vocabulary is None else len(column.vocabulary)
    return replace(
        column,
        vocabulary=None if column.vocabulary is None else tuple(words),
        vocabulary_size=known if column.vocabulary_size is None else column.vocabulary_size,
        example=example,
    )


def _count_bytes(value: Any) -> int:
    if isinstance(value, list | tuple):
        return 2 + sum(map(_count_bytes, value))
    return len(value.encode(errors="replace")) if isinstance(value, str) else 8


def _replace_non_finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _replace_non_finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_replace_non_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _drop_added(stored: dict[str, Any]) -> dict[str, Any]:
    """Leave out empty fields that earlier versions do not know: they read files without them."""
    for output in stored["outputs"]:
        for name in _ADDED:
            if output[name] is None:
                del output[name]
    return stored


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"expected a finite number, got {text}")


def _check(signature: Signature) -> None:
    """Check what types do not express.

    Raises:
        ValueError: Names that are not distinct, or sizes out of bounds.
    """
    columns, outputs = signature.inputs, signature.outputs
    if len(columns) + len(outputs) > _MOST_COLUMNS:
        raise ValueError(f"it has {len(columns) + len(outputs):,} inputs and outputs")
    _check_distinct("column", (each.name for each in columns))
    _check_distinct("tensor", (tensor for each in columns for tensor in each.tensors))
    _check_distinct("output", (each.name for each in outputs))
    for each in (*columns, *outputs):
        sizes = [size for size in each.shape if size is not None]
        if len(each.shape) > _MOST_DIMENSIONS or any(not 0 <= size < 1 << 31 for size in sizes):
            raise ValueError(f"'{each.name}': the shape is {list(each.shape)}")
    for each in columns:
        if not 1 <= len(each.tensors) <= 2:
            raise ValueError(f"'{each.name}': expected one or two tensors, got {len(each.tensors)}")
        if len(each.vocabulary or ()) > _MOST_WORDS:
            raise ValueError(f"'{each.name}': the vocabulary has {len(each.vocabulary or ()):,} words")
    for each in outputs:
        if len(each.classes or ()) > _MOST_CLASSES:
            raise ValueError(f"'{each.name}': it has {len(each.classes or ()):,} classes")


def _check_distinct(what: str, names: Iterable[str]) -> None:
    seen = set[str]()
    for name in names:
        if name in seen:
            raise ValueError(f"two {what}s are named '{name}'")
        seen.add(name)
