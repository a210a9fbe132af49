"""Group the files of a tar archive into samples, as webdataset names them.

The name of a file up to the first dot of its last part is the key of its sample, and what follows is the name
of a column, in lower case: `train/0007.seg.png` is column `seg.png` of sample `train/0007`. The files of a
sample follow each other. Files without an extension, and hidden ones, are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

from headrace.data.sources.archives.tar_members import TarMember, TarReader
from headrace.errors import RecordError

__all__ = ["KEY", "Sample", "read_samples"]

KEY = "__key__"
_NAME = re.compile(r"((?:.*/)?[^./][^./]*)\.([^/]+)", re.DOTALL)

T = TypeVar("T")


class Sample(NamedTuple, Generic[T]):
    """The files of a key.

    Attributes:
        key: The key.
        header: The offset of the first file's header in the archive.
        files: What `take` returned for each file, by the name of its column.
    """

    key: str
    header: int
    files: dict[str, T]


def read_samples(
    archive: TarReader, take: Callable[[TarMember], T], columns: frozenset[str] | None = None
) -> Iterator[Sample[T]]:
    """Read the samples of an archive in order.

    Args:
        archive: The archive.
        take: Called for each file while the archive stands at its content.
        columns: The columns to take; None is all.

    Raises:
        RecordError: The archive is corrupt, a sample has two files of one extension, or a key returns after
            the files of another one.
    """
    seen: set[str] = set()
    sample: Sample[T] | None = None
    columns_seen: set[str] = set()
    for member in archive:
        found = _NAME.fullmatch(member.name)
        if found is None:
            continue
        key, column = found[1], found[2].lower()
        if sample is None or key != sample.key:
            if sample is not None:
                yield sample
            if key in seen:
                what = f"the files of the sample '{key}' do not follow each other, or it is there twice"
                raise RecordError(
                    what,
                    path=archive.path,
                    offset=member.header,
                    hint="pack the files sorted by name, each once",
                )
            seen.add(key)
            sample, columns_seen = Sample(key, member.header, {}), set()
        if column in columns_seen:
            what = f"the sample '{key}' has two files '.{column}'"
            raise RecordError(what, path=archive.path, offset=member.header, hint="pack each file once")
        columns_seen.add(column)
        if columns is None or column in columns:
            sample.files[column] = take(member)
    if sample is not None:
        yield sample
