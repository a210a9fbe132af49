"""The bytes of one record."""

from __future__ import annotations

from typing import Any

from headrace.arguments import show_value
from headrace.errors import UsageError

__all__ = ["as_bytes"]


def as_bytes(data: Any, name: str = "data") -> bytes | memoryview:
    """Return the bytes of a bytes object, buffer or Arrow scalar, without a copy where they are contiguous.

    Numbers are not bytes: an array would lose all but the low byte of each value, or its type and shape.

    Args:
        data: The argument.
        name: Its name, for the message.

    Raises:
        UsageError: It is something else, such as a string or an array.
    """
    if isinstance(data, bytes):
        return data
    if isinstance(data, bytearray):
        return memoryview(data)
    kind = type(data).__module__.partition(".")[0]
    if kind == "pyarrow":  # Arrow is loaded if this is one of its objects
        import pyarrow as pa

        if isinstance(data, pa.Buffer):
            return memoryview(data).cast("B")
        is_scalar = isinstance(data, pa.BinaryScalar | pa.LargeBinaryScalar | pa.FixedSizeBinaryScalar)
        if is_scalar and isinstance(data.as_py(), bytes):  # neither null nor a string
            return data.as_py()
    if isinstance(data, memoryview) and data.itemsize == 1:
        return data.cast("B") if data.contiguous else data.tobytes()
    hint = "pass bytes: encode an array by records.encode_tensor, or a text by .encode()"
    raise UsageError(f"{name}: expected bytes, got {show_value(data)}", hint=hint)
