"""The name of an image that a user's function cannot decode: the function sees its bytes only."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import pyarrow as pa

from headrace import images
from headrace.columns import find_file_name
from headrace.errors import RecordError

__all__ = ["name_damaged_image"]


@contextmanager
def name_damaged_image(batch: pa.RecordBatch) -> Generator[None]:
    """Add the file, or else the row, to the error of an image in `batch` that cannot be decoded.

    Raises:
        RecordError: The block raised one that does not name a file.
    """
    try:
        yield
    except RecordError as error:
        if error.path is not None or error.feature is not None:
            raise
        for field in batch.schema:
            if not pa.types.is_binary(field.type) and not pa.types.is_large_binary(field.type):
                continue
            for row, value in enumerate(batch[field.name].to_pylist()):
                if value is not None and _is_damaged(value, error.what):
                    path = find_file_name(batch, row)
                    raise RecordError(
                        error.what,
                        path=path,
                        record=row if path is None else None,
                        feature=field.name,
                        hint=error.hint,
                    ) from error
        raise


def _is_damaged(value: bytes, what: str) -> bool:
    if images.image_format(value) is None:
        return False
    try:
        images.decode_image(value)
    except RecordError as error:
        return error.what == what
    return False
