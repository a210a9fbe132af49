"""A value in few characters, whatever bytes it holds: safe to print on a terminal."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa

__all__ = ["brief", "count_of", "number", "printable", "size"]

_HEX = 8  # bytes shown of a value that is not text
_LIST = 6  # values shown of a list


def printable(text: str, limit: int = 200) -> str:
    r"""One line without control characters, at most `limit` characters.

    >>> printable("a\x1b[2Jb\n")
    'a\\x1b[2Jb\\n'
    """
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    if shown.isprintable():
        return shown
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in shown)


def number(value: float, digits: int = 4) -> str:
    """A number that is read, not computed with.

    >>> number(60000), number(0.1 + 0.2), number(1234567.5), number(float("nan"))
    ('60,000', '0.3', '1,234,568', 'nan')
    """
    if not math.isfinite(value):
        return str(value)
    if value == round(value) and abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:,.0f}" if 10**digits <= abs(value) < 1e15 else f"{value:.{digits}g}"


def size(count: float) -> str:
    """A number of bytes.

    >>> size(734), size(12_000), size(3_500_000_000)
    ('734 B', '11.7 KiB', '3.3 GiB')
    """
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def count_of(amount: int, thing: str) -> str:
    """`1 record`, `2,000 records`."""
    return f"{amount:,} {thing}" + ("" if amount == 1 else "s")


def _image(value: bytes) -> str | None:
    """What image these bytes are, if they are one."""
    from headrace.errors import RecordError
    from headrace.images import image_format, image_shape

    kind = image_format(value)
    if kind is None:
        return None
    try:
        height, width, _ = image_shape(value)
    except RecordError:
        return None
    return f"{kind.upper()} {width}×{height}, {size(len(value))}"


def _bytes(value: bytes) -> str:
    if image := _image(value):
        return image
    start = value[:_HEX].hex(" ") + (" …" if len(value) > _HEX else "")
    return f"{size(len(value))}: {start}" if value else "0 B"


def _list(values: list[Any], whole: int) -> str:
    shown = [_value(value) for value in values]
    if whole > len(values):
        shown.append(f"… {whole:,} values")
    return f"[{', '.join(shown)}]"


def _value(value: Any) -> str:
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
            return _bytes(value)
        case str():
            return printable(value)
        case list():
            return _list(value[:_LIST], len(value))
        case _:
            return printable(str(value))


def brief(scalar: pa.Scalar) -> str:
    """One value of a column: a dash for a missing one, the first few of a list, shape and range of a tensor."""
    if not scalar.is_valid:
        return "–"
    if isinstance(scalar.type, pa.FixedShapeTensorType):
        array = scalar.to_numpy()
        shape = "×".join(map(str, array.shape))
        span = f", {_value(array.min().item())} to {_value(array.max().item())}" if array.size else ""
        return f"{shape} {array.dtype}{span}"
    if isinstance(scalar, pa.ListScalar):
        return _list([_value_of(scalar[row]) for row in range(min(_LIST, len(scalar)))], len(scalar))
    return _value(scalar.as_py())


def _value_of(scalar: pa.Scalar) -> Any:
    return scalar.as_py()
