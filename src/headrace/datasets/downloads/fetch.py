"""Download a file: with retries, from where an earlier attempt stopped, and checked before its name."""

from __future__ import annotations

import hashlib
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

from headrace.datasets.downloads.download import Download
from headrace.datasets.downloads.partial_file import PartialFile
from headrace.datasets.downloads.request import Response, open_url
from headrace.datasets.downloads.retries import RequestError, Retries
from headrace.errors import UsageError
from headrace.file_errors import wrap_file_errors
from headrace.progress import Bar, progress_bar
from headrace.storage import make_folder

__all__ = ["check_file", "fetch"]

_BLOCK = 1 << 20  # bytes
_LEAST_RECEIVED = 10_000  # bytes in the time of `Retries.timeout`
_HINT = "put the file there yourself, or pass mirror="


def fetch(
    download: Download,
    folder: Path,
    *,
    url: str | None = None,
    retries: Retries | None = None,
    bar: Bar | None = None,
) -> Path:
    """Download a file into `folder`, unless it is already there.

    What a killed or failed attempt received is kept in a hidden file, and the next attempt continues from
    there (RFC 9110, section 14: Range and If-Range).

    Args:
        download: The file.
        folder: The folder; created if missing. The caller holds its lock.
        url: Where to find the file instead of `download.url`.
        retries: How patient to be.
        bar: Receives the bytes; by default a progress bar of its own.

    Returns:
        The path of the file.

    Raises:
        UsageError: The network fails, the file has another size or checksum, the disk is full, or a file of
            that name has other content.
    """
    target = folder / download.file_name
    if target.exists():
        check_file(download, target)
        return target
    url = url or download.url
    if not url:
        raise UsageError("this file must be fetched by hand", path=str(target), hint=download.instructions)
    if bar is None:
        with progress_bar(download.file_name, download.size, unit="bytes") as bar:
            return fetch(download, folder, url=url, retries=retries, bar=bar)
    make_folder(folder)
    with PartialFile(target, download.algorithm, download.size) as part:
        _check_room(folder, download.size - part.size, target)
        bar.advance(part.size)
        _Transfer(download, url, part, retries or Retries(), bar).run(str(target))
        part.commit()
    return target


class _Transfer:
    """The attempts to receive one file."""

    def __init__(self, download: Download, url: str, part: PartialFile, retries: Retries, bar: Bar) -> None:
        self._download, self._url, self._part = download, url, part
        self._retries, self._bar = retries, bar
        self._restarts = 0

    def run(self, target: str) -> None:
        """Receive the file, and check it."""
        failures = 0
        while True:
            before = self._part.size
            try:
                self._receive()
                return
            except RequestError as error:
                failures = self._retries.count(failures, self._part.size - before)
                if error.is_changed:
                    self._restart()
                wait = self._retries.find_wait(max(failures, self._restarts), error)
                if wait is None:
                    raise self._give_up(target, error) from error
                self._bar.say(f"{self._download.file_name}: {error.reason}; trying again in {wait:.0f} s")
                self._retries.sleep(wait)

    def _receive(self) -> None:
        part, expected = self._part, self._download.size
        part.is_resumed = part.size > 0
        if part.size < expected:
            validator = part.read_validator(self._url)
            with open_url(self._url, part.size, validator, self._retries.timeout) as response:
                self._receive_body(response)
        if part.checksum != self._download.checksum:
            what = f"expected checksum {self._download.checksum}, got {part.checksum}"
            may_be_mixed = part.is_resumed and not self._restarts
            raise RequestError(what, is_temporary=may_be_mixed, is_changed=True)

    def _receive_body(self, response: Response) -> None:
        """Append the body to the file, or replace the file by it if the server starts from the beginning."""
        part, expected = self._part, self._download.size
        is_encoded = response.encoding in ("gzip", "x-gzip") and response.file_size != expected
        if not is_encoded and response.file_size not in (None, expected):
            raise RequestError(
                f"expected {expected:,} bytes, the server has {response.file_size:,}",
                is_temporary=part.size > 0,
                is_changed=True,
            )
        if response.start != part.size or is_encoded:
            if response.start:
                raise RequestError("the server sends another part", is_temporary=True, is_changed=True)
            self._restart()
        if not part.size and response.validator:
            part.note_validator(self._url, response.validator)
        decoder = _Gzip() if is_encoded else None
        for block in self._read_blocks(response):
            for piece in [block] if decoder is None else decoder.decode(block):
                if part.size + len(piece) > expected:
                    raise RequestError(
                        f"more than {expected:,} bytes", is_temporary=part.is_resumed, is_changed=True
                    )
                part.write(piece)
                self._bar.advance(len(piece))
        if part.size < expected:
            what = f"the response ends after {part.size:,} of {expected:,} bytes"
            raise RequestError(what, is_temporary=True, is_changed=is_encoded)

    def _read_blocks(self, response: Response) -> Iterator[bytes]:
        """Read the body; a server that sends next to nothing counts as one that sends nothing."""
        clock = self._retries.clock
        since, received = clock(), 0
        while block := response.read(_BLOCK):
            yield block
            received += len(block)
            if clock() - since > self._retries.timeout:
                if received < _LEAST_RECEIVED:
                    raise RequestError("the server stalls", is_temporary=True)
                since, received = clock(), 0

    def _restart(self) -> None:
        self._restarts += self._part.size > 0
        self._bar.advance(-self._part.size)
        self._part.restart()

    def _give_up(self, target: str, error: RequestError) -> UsageError:
        if self._part.size:
            hint = f"try again later: {self._part.size:,} of {self._download.size:,} bytes are kept"
        else:
            self._part.discard()
            hint = ("check the network, " if error.is_temporary else "") + _HINT
        return UsageError(f"cannot download {self._url}: {error.reason}", path=target, hint=hint)


class _Gzip:
    """The content encoding gzip (RFC 9110, section 8.4.1.3), decoded in pieces of bounded size."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Decode a block.

        Raises:
            RequestError: The bytes are not gzip, or more follow the end.
        """
        while data:
            if self._stream.eof:
                raise RequestError("bytes follow the end of gzip", is_temporary=False, is_changed=True)
            try:
                yield self._stream.decompress(data, _BLOCK)
            except zlib.error as error:
                raise RequestError(f"not gzip ({error})", is_temporary=False, is_changed=True) from error
            data = self._stream.unconsumed_tail or self._stream.unused_data


def _check_room(folder: Path, needed: int, target: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        what = f"the disk has {free:,} bytes left, and the file needs {needed:,}"
        raise UsageError(what, path=str(target), hint="make room, or choose another folder: data_dir=")


def check_file(download: Download, path: Path) -> None:
    """Check the size and the checksum of a file.

    Raises:
        UsageError: The file is another one, or cannot be read.
    """
    with wrap_file_errors(str(path), "cannot be read", _HINT), path.open("rb") as file:
        size = path.stat().st_size
        if size == download.size:
            found = f"{download.algorithm}:{hashlib.file_digest(file, download.algorithm).hexdigest()}"
            if found == download.checksum:
                return
            what = f"a file of this name exists with checksum {found}, expected {download.checksum}"
        else:
            what = f"a file of this name exists with {size:,} bytes, expected {download.size:,}"
    raise UsageError(what, path=str(path), hint="move it away, or load from this folder without preparing it")
