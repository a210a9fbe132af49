"""A cache of states, so that an analysis does not read unchanged parts of the data again.

A file (`state_file.py`) holds states over one part, over a prefix of a branch of the merge tree, or over a
group of neighbouring parts (`grouped_saves.py`). The file of one part is named by the part, that of a group
by its parts; the heads of the groups list their parts. A part's name is a digest of its fingerprint, the
format and Headrace's version. A state has a name of its own: a digest of the accumulator and of the graph
below it with all constants (including statistics of earlier passes).
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
from threading import Lock
from typing import Any

from headrace.errors import ModelError
from headrace.source_line import warn_user
from headrace.storage import local_path
from headrace.transform.analysis.passes import StateKey
from headrace.transform.analysis.state_file import (
    NAME_BYTES,
    START,
    StateName,
    read_parts,
    read_writes,
    write_states,
)
from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.graph_digest import node_digest
from headrace.transform.graph.serializable import serialize

__all__ = ["StateCache", "state_name"]


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
        part = _part_name(fingerprint)
        found: dict[StateKey, Any] = {}
        wanted: dict[StateKey, StateName] = {}
        for path, name in [(self._part_path(part), part), *_find_groups(self._groups, part)]:
            writes = read_writes(path, name)
            if not writes:
                continue
            wanted = wanted or {key: StateName(part, state_name(key)) for key in keys}
            stored = {key: state for write in writes for key, state in write.items()}
            new = {
                key: stored[state] for key, state in wanted.items() if state in stored and key not in found
            }
            try:
                found |= {key: key[0].load(state) for key, state in new.items()}
            except ModelError as error:
                what = f"{path} is corrupt ({error.what}): computing its states again"
                warn_user(what, RuntimeWarning)
            if len(found) == len(wanted):
                break
        return found

    def save(self, fingerprint: str, states: Mapping[StateKey, Any]) -> None:
        """Save the states over a part beside those that are there.

        Args:
            fingerprint: The part's, taken before it was read.
            states: The states by key.

        Raises:
            UsageError: The directory cannot be written to.
        """
        self.save_bytes({fingerprint: {state_name(key): key[0].dump(states[key]) for key in states}})

    def save_bytes(self, states: Mapping[str, Mapping[str, bytes]]) -> None:
        """Save the dumped states over parts in one file: fingerprint to state name to bytes.

        Raises:
            UsageError: The directory cannot be written to.
        """
        names = {_part_name(fingerprint): part_states for fingerprint, part_states in states.items()}
        added = {StateName(part, state): data for part in names for state, data in names[part].items()}
        parts = [part for part, part_states in names.items() if part_states]
        if len(parts) == 1:
            write_states(self._part_path(parts[0]), parts[0], parts, added)
        elif parts:
            name = hashlib.blake2b(bytes.fromhex("".join(parts)), digest_size=NAME_BYTES).hexdigest()
            write_states(f"{self._groups}/{name}.state", name, parts, added)

    @property
    def makes_groups(self) -> bool:
        """Whether parts may share a file, which is then found by listing a local folder."""
        return local_path(self.directory) is not None

    @property
    def _groups(self) -> str:
        return f"{self.directory.rstrip('/')}/groups"

    def _part_path(self, part: str) -> str:
        return f"{self.directory.rstrip('/')}/{part[:2]}/{part}.state"


class _Groups:
    """The files of groups in a folder, by the names of their parts; new files are found when it changes."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._changed = -1
        self._known = set[str]()
        self._files: dict[str, list[tuple[str, str]]] = {}
        self._lock = Lock()

    def find(self, part: str) -> list[tuple[str, str]]:
        """Return the path and the name of each file that has states of a part."""
        with self._lock:
            try:
                changed = os.stat(self._folder).st_mtime_ns  # noqa: PTH116 - for each part
            except OSError:
                return []
            if changed != self._changed:
                self._changed = changed
                self._list()
            return self._files.get(part, [])

    def _list(self) -> None:
        files = {path.stem: str(path) for path in Path(self._folder).glob("*.state")}
        for name in sorted(files.keys() - self._known):
            for part in read_parts(files[name]):
                self._files.setdefault(part, []).append((files[name], name))
        self._known |= files.keys()


_open_groups = lru_cache(maxsize=8)(_Groups)


def _find_groups(folder: str, part: str) -> list[tuple[str, str]]:
    return _open_groups(folder).find(part)


@lru_cache(maxsize=4096)  # it is looked up, and then saved
def _part_name(fingerprint: str) -> str:
    identity = json.dumps([START.hex(), _version(), fingerprint]).encode()
    return hashlib.blake2b(identity, digest_size=NAME_BYTES).hexdigest()


def state_name(key: StateKey) -> str:
    """Compute the name of a state: a digest of the accumulator and of the graph below it."""
    accumulator, nodes = key
    return _digest(accumulator, tuple(map(node_digest, nodes)))


@lru_cache(maxsize=65_536)
def _digest(accumulator: Accumulator, columns: tuple[str, ...]) -> str:
    identity = json.dumps([serialize(accumulator), columns], sort_keys=True)
    return hashlib.blake2b(identity.encode(), digest_size=NAME_BYTES).hexdigest()


@cache
def _version() -> str:
    return version("headrace")
