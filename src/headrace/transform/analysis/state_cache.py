r"""A cache of states, so that an analysis does not read unchanged parts of the data again.

A file holds states over one part, or over a prefix of a branch of the merge tree. Its name is a digest of the
part's fingerprint, the format and Headrace's version. Each state in it has a name of its own: a digest of the
accumulator and of the graph below it with all constants (including statistics of earlier passes). The file
starts with its name and the CRC-32C of the rest, so that a corrupt, truncated or renamed file is detected,
and its states computed again:

    b"HRSC\x03" | name, 20 bytes | CRC-32C, 4 bytes | header length, 4 bytes | header, JSON | the states

The header lists the writes to the file, oldest first: for each the names and lengths of the states that it
added. A file keeps the states of its last `_MOST_WRITES` writes. Integers are little-endian.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from headrace._native import crc32c
from headrace.errors import ModelError
from headrace.source_line import warn_user
from headrace.storage import AtomicFile, file_exists, local_path, read_bytes, sweep, wrap_file_errors
from headrace.transform.analysis.passes import StateKey
from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.graph_digest import node_digest
from headrace.transform.graph.serializable import serialize

__all__ = ["StateCache"]

_START = b"HRSC\x03"
_NAME = 20  # bytes
_NUMBER = 4  # bytes of the checksum, and of the header's length
_MOST_WRITES = (
    100  # more than an analysis has passes; without a limit, each analysis with other statistics adds
)

Writes = list[dict[str, memoryview]]  # for each write to a file, oldest first, states by name


@dataclass(frozen=True)
class StateCache:
    """A directory of states, which several processes may share.

    Where two processes write states of the same part at once, those of one of them may be lost, and are then
    computed again.

    Attributes:
        directory: An absolute path or a URL, created when the first state is saved. No file is ever deleted
            from it.
    """

    directory: str

    @classmethod
    def open(cls, directory: str | os.PathLike[str]) -> StateCache:
        """Open a cache at a path, which every process of this machine finds, or at a URL."""
        local = local_path(os.fspath(directory))
        return cls(os.fspath(directory) if local is None else str(local.absolute()))

    def load(self, keys: Iterable[StateKey], fingerprint: str) -> dict[StateKey, Any]:
        """Load those states over the part with this fingerprint that are in the cache.

        Raises:
            UsageError: The directory cannot be read.
        """
        path, name = self._path(fingerprint)
        try:
            writes = _read_writes(path, name)
            stored = {name: state for write in writes for name, state in write.items()}
            wanted = {key: stored.get(_state_name(key)) for key in keys} if stored else {}
            return {key: key[0].load(state) for key, state in wanted.items() if state is not None}
        except ModelError as error:
            what = f"{path} is corrupt ({error.what}): computing its states again"
            warn_user(what, RuntimeWarning)
            return {}

    def save(self, fingerprint: str, states: Mapping[StateKey, Any]) -> None:
        """Save the states over a part beside those that are there.

        Args:
            fingerprint: The part's, taken before it was read.
            states: The states by key.

        Raises:
            UsageError: The directory cannot be written to.
        """
        if not states:
            return
        path, name = self._path(fingerprint)
        added = {_state_name(key): memoryview(key[0].dump(state)) for key, state in states.items()}
        try:
            earlier = _read_writes(path, name)
        except ModelError:
            earlier = []
        kept = [{name: state for name, state in write.items() if name not in added} for write in earlier]
        writes = [write for write in [*kept, added] if write][-_MOST_WRITES:]
        header = json.dumps([[[name, len(state)] for name, state in write.items()] for write in writes])
        content = b"".join(
            [_number(len(header)), header.encode(), *(each for one in writes for each in one.values())]
        )
        with wrap_file_errors(path, "cannot use the cache", "choose another cache_dir"):
            local = local_path(path)
            if local is not None:
                local.parent.mkdir(parents=True, exist_ok=True)
            # Neither written through nor swept each time: a file that a crash tears is computed again.
            swept = None if local is None else _sweep_once(local.parent)
            with AtomicFile(path, sync=False, swept=swept) as file:
                file.write(_START + bytes.fromhex(name) + _number(crc32c(content)))
                file.write(content)

    def _path(self, fingerprint: str) -> tuple[str, str]:
        """Return the path of the file of a part, and the name that its content repeats."""
        identity = json.dumps([_START.hex(), _version(), fingerprint]).encode()
        name = hashlib.blake2b(identity, digest_size=_NAME).hexdigest()
        return f"{self.directory.rstrip('/')}/{name[:2]}/{name}.state", name


def _read_writes(path: str, name: str) -> Writes:
    """Read the states of a file; none if it does not exist.

    Raises:
        ModelError: The file is corrupt.
        UsageError: The file cannot be read.
    """
    if not file_exists(path):
        return []
    data = memoryview(read_bytes(path))
    start = len(_START) + _NAME + _NUMBER
    head, content = data[:start], data[start:]
    if bytes(head) != _START + bytes.fromhex(name) + _number(crc32c(content)):
        raise ModelError("its name or checksum does not match")
    at = _NUMBER + int.from_bytes(content[:_NUMBER], "little")
    writes: Writes = []
    for write in json.loads(bytes(content[_NUMBER:at])):
        writes.append({})
        for state, length in write:
            writes[-1][state] = content[at : at + length]
            at += length
    return writes


def _number(value: int) -> bytes:
    return value.to_bytes(_NUMBER, "little")


@lru_cache(maxsize=1024)
def _sweep_once(folder: Path) -> Path:
    """Delete what killed writers left in a folder; return its path without links."""
    sweep(folder, lambda _: True)
    return folder.resolve()


def _state_name(key: StateKey) -> str:
    accumulator, nodes = key
    return _digest(accumulator, tuple(map(node_digest, nodes)))


@lru_cache(maxsize=65_536)
def _digest(accumulator: Accumulator, columns: tuple[str, ...]) -> str:
    identity = json.dumps([serialize(accumulator), columns], sort_keys=True)
    return hashlib.blake2b(identity.encode(), digest_size=_NAME).hexdigest()


@cache
def _version() -> str:
    return version("headrace")
