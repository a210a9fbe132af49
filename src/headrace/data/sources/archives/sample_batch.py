"""Collect samples until they are a batch."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from headrace.data.sources.archives.decode_files import decode_files
from headrace.data.sources.archives.samples import KEY
from headrace.errors import SchemaError

__all__ = ["SampleBatch", "SamplePlace"]

_ROWS = 1024  # at most
_BYTES = 32 << 20  # of files; a batch ends after the sample that reaches it


class SamplePlace(NamedTuple):
    """The archive of a sample, and the offset of its first header."""

    path: str
    offset: int


class SampleBatch:
    """The samples of the next batch.

    Args:
        schema: The columns: `__key__`, and extensions.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._keys: list[str] = []
        self._places: list[SamplePlace] = []
        self._files: list[list[bytes | None]] = [[] for name in schema.names if name != KEY]
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def is_full(self) -> bool:
        """Whether the batch has 1,024 samples or 32 MiB."""
        return self.is_enough(len(self._keys), self._bytes)

    @staticmethod
    def is_enough(rows: int, bytes_: int) -> bool:
        """Return whether this many samples of this many bytes are a batch."""
        return rows >= _ROWS or bytes_ >= _BYTES

    def append(self, key: str, place: SamplePlace, files: list[bytes | None]) -> None:
        """Append a sample: the contents of its files, in the order of the columns; None is a missing file."""
        self._keys.append(key)
        self._places.append(place)
        for column, data in zip(self._files, files, strict=True):
            column.append(data)
            self._bytes += 0 if data is None else len(data)

    def take(self) -> pa.RecordBatch:
        """Return the samples as a batch, and start the next one.

        Raises:
            SchemaError: A file does not match the type of its column, or a required file is missing.
        """
        arrays: list[pa.Array] = []
        columns = iter(self._files)
        for field in self._schema:
            try:
                arrays.append(
                    pa.array(self._keys, field.type)
                    if field.name == KEY
                    else decode_files(next(columns), field)
                )
            except SchemaError as error:
                place = self._places[error.record or 0]
                raise SchemaError(
                    error.what, path=place.path, offset=place.offset, feature=field.name, hint=error.hint
                ) from error
        batch = pa.RecordBatch.from_arrays(arrays, schema=self._schema)
        self.__init__(self._schema)
        return batch
