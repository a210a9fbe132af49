"""Formats values as short text that is safe to print on a terminal."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa

from headrace.columns import to_python

__all__ = ["format_count", "format_number", "format_size", "format_text", "format_value"]

_HEX = 8  # bytes shown of a binary value
_LIST = 6  # values shown of a list


def format_text(text: str, limit: int = 200) -> str:
    r"""Format text as one line, with control characters escaped.

    Args:
        text: The text.
        limit: The maximum number of characters of the text that are shown.

    >>> format_text("a\x1b[2Jb\n")
    'a\\x1b[2Jb\\n'
    """
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    if shown.isprintable():
        return shown
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in shown)


def format_number(value: float, digits: int = 4) -> str:
    """Format a number for display, rounded to a few digits.

    >>> format_number(60000), format_number(0.1 + 0.2), format_number(1234567.5), format_number(float("nan"))
    ('60,000', '0.3', '1,234,568', 'nan')
    """
    if not math.isfinite(value):
        return str(value)
    if value == round(value) and abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:,.0f}" if 10**digits <= abs(value) < 1e15 else f"{value:.{digits}g}"


def format_size(count: float) -> str:
    """Format a number of bytes.

    >>> format_size(734), format_size(12_000), format_size(3_500_000_000)
    ('734 B', '11.7 KiB', '3.3 GiB')
    """
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def format_count(count: int, noun: str) -> str:
    """Format a count with its noun.

    >>> format_count(1, "record"), format_count(2000, "record")
    ('1 record', '2,000 records')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _format_image(value: bytes) -> str | None:
    """Describe an encoded image; None for other bytes."""
    from headrace.errors import RecordError
    from headrace.images import image_format, image_shape

    kind = image_format(value)
    if kind is None:
        return None
    try:
        height, width, _ = image_shape(value)
    except RecordError:
        return None
    return f"{kind.upper()} {width}×{height}, {format_size(len(value))}"


def _format_bytes(value: bytes) -> str:
    if image := _format_image(value):
        return image
    start = value[:_HEX].hex(" ") + (" …" if len(value) > _HEX else "")
    return f"{format_size(len(value))}: {start}" if value else "0 B"


def _format_list(values: list[Any], length: int) -> str:
    shown = [_format_object(value) for value in values]
    if length > len(values):
        shown.append(f"… {length:,} values")
    return f"[{', '.join(shown)}]"


def _format_object(value: Any) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case float():
            return f"{value:.6g}"
        case bytes():
            return _format_bytes(value)
        case str():
            return format_text(value)
        case list():
            return _format_list(value[:_LIST], len(value))
        case _:
            return format_text(str(value))


def format_value(scalar: pa.Scalar) -> str:
    """Format one value of a column: a dash for null, the first values of a list, shape and range of a tensor."""
    if not scalar.is_valid:
        return "–"
    if isinstance(scalar.type, pa.FixedShapeTensorType):
        array = scalar.to_numpy()
        shape = "×".join(map(str, array.shape))
        span = (
            f", {_format_object(array.min().item())} to {_format_object(array.max().item())}"
            if array.size
            else ""
        )
        return f"{shape} {array.dtype}{span}"
    if isinstance(scalar, pa.ListScalar):
        return _format_list([to_python(scalar[row]) for row in range(min(_LIST, len(scalar)))], len(scalar))
    return _format_object(to_python(scalar))
