"""A cache of states, so that an analysis does not read unchanged parts of the data again.

A file holds the state of one accumulator over one part, or over a prefix of a branch of the merge tree. Its
name is a digest of all that the state depends on: the part's fingerprint, the accumulator, the graph below it
with all constants (including statistics of earlier passes), the format and Headrace's version. Its content
starts with that digest and the CRC-32C of the rest, so that a corrupt, truncated or renamed file is detected,
and its state computed again.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from headrace._native import crc32c
from headrace.errors import ModelError, UsageError
from headrace.parallel import available_cpus
from headrace.storage import AtomicFile
from headrace.transform.analysis.passes import StateKey
from headrace.transform.graph.graph_json import nodes_text
from headrace.transform.graph.serializable import serialize

__all__ = ["StateCache"]

_START = b"HRSC\x02"
_NAME = 20  # bytes
_CHECKSUM = 4  # bytes, little-endian


@dataclass(frozen=True)
class StateCache:
    """A directory of states, which several processes may share.

    Attributes:
        directory: Created when the first state is saved. Nothing is ever deleted from it.
    """

    directory: str

    def load(self, keys: Iterable[StateKey], fingerprint: str) -> dict[StateKey, Any]:
        """Load those states over the part with this fingerprint that are in the cache.

        Raises:
            UsageError: The directory cannot be read.
        """
        found = _map_keys(lambda key: self._read(key, fingerprint), list(keys))
        return {key: state for key, state in found.items() if state is not None}

    def save(self, fingerprint: str, states: Mapping[StateKey, Any]) -> None:
        """Save the states over a part.

        Args:
            fingerprint: The part's, taken before it was read.
            states: The states by key.

        Raises:
            UsageError: The directory cannot be written to.
        """
        _map_keys(lambda key: self._write(key, fingerprint, states[key]), list(states))

    def _path(self, name: str) -> Path:
        return Path(self.directory) / name[:2] / f"{name}.state"

    def _read(self, key: StateKey, fingerprint: str) -> Any:
        name = _file_name(fingerprint, _describe(key))
        path = self._path(name)
        try:
            data = memoryview(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _usage_error(path, error) from error
        start = len(_START) + _NAME + _CHECKSUM
        head, content = data[:start], data[start:]
        try:
            if bytes(head) != _head(name, content):
                raise ModelError("its name or checksum does not match")
            return key[0].load(content)
        except ModelError as error:
            warnings.warn(
                f"{path} is corrupt ({error.what}): computing the state again", RuntimeWarning, stacklevel=2
            )
            return None

    def _write(self, key: StateKey, fingerprint: str, state: Any) -> None:
        content = key[0].dump(state)
        name = _file_name(fingerprint, _describe(key))
        path = self._path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with AtomicFile(path, sync=False) as file:  # a state that a crash tears is computed again
                file.write(_head(name, content))
                file.write(content)
        except OSError as error:
            raise _usage_error(path, error) from error


def _map_keys(function: Callable[[StateKey], Any], keys: Sequence[StateKey]) -> dict[StateKey, Any]:
    """Map each key to the result of `function`, on several threads."""
    with ThreadPoolExecutor(available_cpus()) as pool:
        return dict(zip(keys, pool.map(function, keys), strict=True))


def _usage_error(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"cannot use the cache ({error.strerror})",
        path=os.fspath(path),
        hint="choose another cache_dir",
    )


def _head(name: str, content: bytes | memoryview) -> bytes:
    return _START + bytes.fromhex(name) + crc32c(content).to_bytes(_CHECKSUM, "little")


@lru_cache(maxsize=1024)
def _describe(key: StateKey) -> str:
    accumulator, nodes = key
    return json.dumps([serialize(accumulator), nodes_text(nodes)], sort_keys=True)


def _file_name(*what: str) -> str:
    return hashlib.blake2b(
        json.dumps([_START.hex(), _version(), *what]).encode(), digest_size=_NAME
    ).hexdigest()


@cache
def _version() -> str:
    return version("headrace")
