"""States kept from one analysis to the next: a part of the data that has not changed is not read again.

A file holds the state of one accumulator over one part, or over the first parts of a branch. Its name is a
digest of all that the state depends on: the part's fingerprint, the accumulator, what is computed before it
with all constants (statistics of earlier passes among them), the format and Headrace's version. Its content
starts with that name and the CRC-32C of the rest, so that a file that is damaged, cut or renamed is known as
such, and computed again.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
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
from headrace.transform.analysis.passes import Key
from headrace.transform.graph.graph_json import nodes_text
from headrace.transform.graph.serializable import serialize

__all__ = ["StateCache"]

_START = b"HRSC\x02"
_NAME = 20  # bytes
_CHECKSUM = 4  # bytes, little-endian


@dataclass(frozen=True)
class StateCache:
    """A directory of states; processes may share it.

    Attributes:
        directory: Made when the first state is kept. Nothing is ever deleted from it.
    """

    directory: str

    def kept(self, keys: Iterable[Key], fingerprint: str) -> dict[Key, Any]:
        """The states over the part of this fingerprint that are kept here.

        Raises:
            UsageError: The directory cannot be read.
        """
        found = _on_threads(lambda key: self._read(key, fingerprint), list(keys))
        return {key: state for key, state in found.items() if state is not None}

    def keep(self, fingerprint: str, states: Mapping[Key, Any]) -> None:
        """Keep the states over a part, whose fingerprint is from before it was read.

        Raises:
            UsageError: The directory cannot be written to.
        """
        _on_threads(lambda key: self._write(key, fingerprint, states[key]), list(states))

    def _path(self, name: str) -> Path:
        return Path(self.directory) / name[:2] / f"{name}.state"

    def _read(self, key: Key, fingerprint: str) -> Any:
        name = _name(fingerprint, _description(key))
        path = self._path(name)
        try:
            data = memoryview(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _refusal(path, error) from error
        start = len(_START) + _NAME + _CHECKSUM
        head, content = data[:start], data[start:]
        try:
            if bytes(head) != _head(name, content):
                raise ModelError("its name or its checksum is another one")
            return key[0].load(content)
        except ModelError as error:
            warnings.warn(
                f"{path} is damaged ({error.what}): computing it again", RuntimeWarning, stacklevel=2
            )
            return None

    def _write(self, key: Key, fingerprint: str, state: Any) -> None:
        content = key[0].dump(state)
        name = _name(fingerprint, _description(key))
        path = self._path(name)
        temporary = path.with_name(f".{name}.{secrets.token_hex(4)}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with temporary.open("wb") as file:
                    file.write(_head(name, content))
                    file.write(content)
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise _refusal(path, error) from error


def _on_threads(function: Callable[[Key], Any], keys: Sequence[Key]) -> dict[Key, Any]:
    """What `function` makes of each key, found on as many threads as there are processors."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return dict(zip(keys, pool.map(function, keys), strict=True))


def _refusal(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"the cache cannot be used ({error.strerror})",
        path=os.fspath(path),
        hint="choose another cache_dir",
    )


def _head(name: str, content: bytes | memoryview) -> bytes:
    return _START + bytes.fromhex(name) + crc32c(content).to_bytes(_CHECKSUM, "little")


@lru_cache(maxsize=1024)
def _description(key: Key) -> str:
    accumulator, nodes = key
    return json.dumps([serialize(accumulator), nodes_text(nodes)], sort_keys=True)


def _name(*what: str) -> str:
    return hashlib.blake2b(
        json.dumps([_START.hex(), _version(), *what]).encode(), digest_size=_NAME
    ).hexdigest()


@cache
def _version() -> str:
    return version("headrace")
