"""States kept from one analysis to the next: a part of the data that has not changed is not read again.

A file holds the state of one accumulator over one part, or over the first parts of a branch. Its name is a
digest of all that the state depends on: the part's fingerprint, the accumulator, what is computed before it
with all constants (statistics of earlier passes among them), and Headrace's version. Its content starts with
a digest of the rest and of the name, so that a file that is damaged, cut or renamed is known as such, and
computed again.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from headrace.errors import ModelError, UsageError
from headrace.transform.described import describe
from headrace.transform.graph_json import nodes_text
from headrace.transform.phases import Key

__all__ = ["StateCache"]

_START = b"HRSC\x01"
_DIGEST = 32


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
        found = ((key, self._read(key, _name(fingerprint, _description(key)))) for key in keys)
        return {key: state for key, state in found if state is not None}

    def keep(self, fingerprint: str, states: Mapping[Key, Any]) -> dict[Key, Any]:
        """Keep the states over a part, whose fingerprint is from before it was read; as they will be read.

        Raises:
            UsageError: The directory cannot be written to.
        """
        found: dict[Key, Any] = {}
        for key, state in states.items():
            data = key[0].dump(state)
            self._write(_name(fingerprint, _description(key)), data)
            found[key] = key[0].load(data)
        return found

    def _path(self, name: str) -> Path:
        return Path(self.directory) / name[:2] / f"{name}.state"

    def _read(self, key: Key, name: str) -> Any:
        try:
            data = self._path(name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _refusal(self._path(name), error) from error
        start = len(_START) + _DIGEST
        head, content = data[:start], data[start:]
        try:
            if head != _head(name, content):
                raise ModelError("its digest is another one")
            return key[0].load(content)
        except ModelError as error:
            warnings.warn(
                f"{self._path(name)} is damaged ({error.what}): computing it again",
                RuntimeWarning,
                stacklevel=2,
            )
            return None

    def _write(self, name: str, content: bytes) -> None:
        path = self._path(name)
        temporary = path.with_name(f".{name}.{secrets.token_hex(4)}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.write_bytes(_head(name, content) + content)
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise _refusal(path, error) from error


def _refusal(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"the cache cannot be used ({error.strerror})",
        path=os.fspath(path),
        way_out="choose another cache_dir",
    )


def _head(name: str, content: bytes) -> bytes:
    return _START + hashlib.blake2b(name.encode() + content, digest_size=_DIGEST).digest()


@lru_cache(maxsize=1024)
def _description(key: Key) -> str:
    accumulator, nodes = key
    return json.dumps([describe(accumulator), nodes_text(nodes)], sort_keys=True)


def _name(*what: str) -> str:
    return hashlib.blake2b(json.dumps([_version(), *what]).encode(), digest_size=20).hexdigest()


@cache
def _version() -> str:
    return version("headrace")
