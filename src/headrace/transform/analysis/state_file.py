r"""The file of a state cache: the states of a part, or of several parts.

    b"HRSC\x04" | name, 20 bytes | number of parts, 4 bytes | names of the parts, 20 bytes each
    | CRC-32C of all the rest, 4 bytes | header length, 4 bytes | header, JSON | the states

The header lists the writes to the file, oldest first: for each, the part's number, the name and the length
of the states that it added. A file keeps the states of its last `MOST_WRITES` writes. Integers are
little-endian. A file that is corrupt, truncated or renamed is detected.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from headrace._native import crc32c
from headrace.errors import UsageError
from headrace.file_errors import wrap_file_errors
from headrace.source_line import warn_user
from headrace.storage import (
    AtomicFile,
    file_exists,
    file_stamp,
    local_path,
    read_bytes,
    sweep,
)

__all__ = ["NAME_BYTES", "START", "StateName", "read_parts", "read_writes", "write_states"]

START = b"HRSC\x04"
NAME_BYTES = 20
MOST_WRITES = 100  # more than an analysis has passes; without a limit, files grow with each analysis
_NUMBER = 4  # bytes of an integer


class StateName(NamedTuple):
    """A state in a file.

    Attributes:
        part: The name of the part.
        state: The name of the state.
    """

    part: str
    state: str


Writes = Sequence[Mapping[StateName, memoryview]]


def read_parts(path: str) -> list[str]:
    """Read the names of a local file's parts; none where it cannot be read. Damage is found later."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(len(START) + NAME_BYTES + _NUMBER)
            if not head.startswith(START):
                return []
            names = file.read(min(_read_number(head[-_NUMBER:]), 1 << 16) * NAME_BYTES)
    except OSError:
        return []
    return [names[at : at + NAME_BYTES].hex() for at in range(0, len(names), NAME_BYTES)]


def read_writes(path: str, name: str) -> Writes:
    """Read the states of a file, oldest write first; none if it does not exist, or is corrupt (which warns).

    Raises:
        UsageError: The file cannot be read.
    """
    if "://" in path:
        return _read_writes(path, name, file_stamp(path)) if file_exists(path) else ()
    try:
        status = os.stat(path)  # noqa: PTH116 - twice as fast, for each part
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        what = f"cannot use the cache: {error.strerror}"
        raise UsageError(what, path=path, hint="choose another cache_dir") from error
    return _read_writes(path, name, f"{status.st_size} bytes at {status.st_mtime_ns}")


@lru_cache(maxsize=1)  # the parts of a file are loaded one after the other
def _read_writes(path: str, name: str, _stamp: str) -> Writes:
    data = memoryview(read_bytes(path))
    start = len(START) + NAME_BYTES
    names = start + _NUMBER
    content = names + _read_number(data[start:names]) * NAME_BYTES
    head, rest = bytes(data[:content]), data[content + _NUMBER :]
    found = bytes(data[content : content + _NUMBER])
    if not head.startswith(START + bytes.fromhex(name)) or found != _checksum(head, rest):
        what = f"{path} is corrupt (its name or checksum does not match): computing its states again"
        warn_user(what, RuntimeWarning)
        return ()
    parts = [head[at : at + NAME_BYTES].hex() for at in range(names, content, NAME_BYTES)]
    at = _NUMBER + _read_number(rest[:_NUMBER])
    writes: list[dict[StateName, memoryview]] = []
    for write in json.loads(bytes(rest[_NUMBER:at])):
        writes.append({})
        for part, state, length in write:
            writes[-1][StateName(parts[part], state)] = rest[at : at + length]
            at += length
    return writes


def write_states(path: str, name: str, parts: Sequence[str], added: Mapping[StateName, bytes]) -> None:
    """Write states to a file, beside those that are there.

    Raises:
        UsageError: The file cannot be written.
    """
    kept = [{key: write[key] for key in write if key not in added} for write in read_writes(path, name)]
    writes = [write for write in [*kept, added] if write][-MOST_WRITES:]
    numbers = {part: number for number, part in enumerate(parts)}
    lengths = [[[numbers[key.part], key.state, len(state)] for key, state in each.items()] for each in writes]
    header = json.dumps(lengths).encode()
    head = START + bytes.fromhex(name) + _number(len(parts)) + bytes.fromhex("".join(parts))
    rest = b"".join([_number(len(header)), header, *(state for write in writes for state in write.values())])
    with wrap_file_errors(path, "cannot use the cache", "choose another cache_dir"):
        local = local_path(path)
        if local is not None:
            local.parent.mkdir(parents=True, exist_ok=True)
        # Neither written through nor swept each time: a file that a crash tears is computed again.
        swept = None if local is None else _sweep_once(local.parent)
        with AtomicFile(path, sync=False, swept=swept) as file:
            file.write(head + _checksum(head, rest))
            file.write(rest)


def _checksum(head: bytes, rest: bytes | memoryview) -> bytes:
    return _number(crc32c(head) ^ crc32c(rest))


def _number(value: int) -> bytes:
    return value.to_bytes(_NUMBER, "little")


def _read_number(data: bytes | memoryview) -> int:
    return int.from_bytes(data, "little")


@lru_cache(maxsize=1024)
def _sweep_once(folder: Path) -> Path:
    """Delete what killed writers left in a folder; return its path without links."""
    sweep(folder, lambda _: True)
    return folder.resolve()
