"""What identifies the contents of files without reading all of them."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from headrace.data.identity.arrays import bytes_digest
from headrace.data.identity.encode import digest
from headrace.errors import UsageError
from headrace.file_errors import wrap_file_errors
from headrace.storage import file_size, local_path, open_filesystem

__all__ = ["Samples", "content_digest", "file_stamp", "stat_digest"]

_END = 64 << 10  # bytes sampled at each end of a file
_BLOCK = 4 << 10  # bytes sampled at each place between
_WHOLE = 16 << 20  # bytes of all files together up to which everything is read
_READS = 512  # of all files together, about
_MAX_SAMPLED = 256  # files
_MAX_SIZES = 1 << 14  # files whose sizes are looked up, at some 4 us each
_THREADS = 8  # file systems answer several requests at a time
_SETTLED = 100_000_000  # ns: a file may change twice within a tick of the file system's clock
_MAX_KNOWN = 1 << 16
# What file systems call the checksum, version or time of a file, the surest first.
_STAMPS = (
    "ETag", "etag", "Content-MD5", "md5Hash", "content_md5", "Digest", "crc32c", "blob_id", "sha", "version",
    "Last-Modified", "LastModified", "last_modified", "updated", "mtime", "modified", "created",
)  # fmt: skip

R = TypeVar("R")


@dataclass(frozen=True)
class Samples:
    """Which parts of a file are read.

    Attributes:
        end: Bytes at each end.
        blocks: Blocks of 4 KiB at equal distances between the ends.
        whole: Bytes up to which a file is read as a whole.
    """

    end: int = _END
    blocks: int = 16
    whole: int = 0

    @classmethod
    def choose(cls, files: int, size: int) -> Samples:
        """Choose samples so that the cost of all files is bounded.

        Args:
            files: The number of files that are sampled.
            size: The bytes of all files.
        """
        whole = _WHOLE if size <= _WHOLE else 0
        if files > _READS // 8:
            return cls(_BLOCK, max(0, _READS // files - 2), whole)
        return cls(whole=whole)

    def read(self, descriptor: int, size: int) -> bytes:
        """Read the samples of an open file."""
        if size <= max(self.whole, 2 * self.end + self.blocks * _BLOCK):
            return b"".join(_read_from(descriptor, 0, size))
        step = (size - 2 * self.end) / (self.blocks + 1)
        places = [self.end + int(step * (number + 1)) for number in range(self.blocks)]
        pieces = [os.pread(descriptor, _BLOCK, place) for place in places]
        return b"".join([
            *_read_from(descriptor, 0, self.end), *pieces, *_read_from(descriptor, size - self.end, self.end)
        ])  # fmt: skip


def _read_from(descriptor: int, start: int, size: int) -> list[bytes]:
    pieces, stop = list[bytes](), start + size
    while start < stop:
        piece = os.pread(descriptor, stop - start, start)
        if not piece:
            break
        pieces.append(piece)
        start += len(piece)
    return pieces


_known: dict[tuple[Any, ...], bytes] = {}


def sample_digest(path: str, samples: Samples) -> bytes:
    """Compute a digest of a local file's size and samples, once as long as the file is unchanged.

    Raises:
        OSError: The file cannot be read.
    """
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - any path
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            return b"not a regular file"
        key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, samples)
        found = _known.get(key)
        if found is None:
            data = samples.read(file.fileno(), status.st_size)
            found = digest(b"%d " % status.st_size, bytes_digest(data))
            if time.time_ns() - status.st_ctime_ns > _SETTLED:
                if len(_known) >= _MAX_KNOWN:
                    _known.clear()
                _known[key] = found
    return found


def content_digest(paths: Sequence[str], names: Sequence[str] | None = None) -> bytes:
    """Compute a digest of the contents of files that is the same wherever the files lie.

    It covers the names and sizes of all files (the sizes of at most 16,384), and everything in them up to
    16 MiB together. Of more data, samples are taken: the first and last 64 KiB of a file and 16 blocks
    between, of at most 256 files, shorter ones of many files. Files at URLs are not read: their checksums or
    times say whether they changed.

    Args:
        paths: The files, in reading order.
        names: What the files are called; None: their names without folders.

    Raises:
        UsageError: A file cannot be read.
    """
    names = [os.path.basename(path) for path in paths] if names is None else names  # noqa: PTH119 - URLs too
    sized = _thin(paths, _MAX_SIZES)
    sizes = _map(_size, sized)
    chosen = _thin(sized, _MAX_SAMPLED)
    samples = Samples.choose(len(chosen), sum(sizes))
    contents = _map(lambda path: _content(path, samples), chosen)
    encoded = [name.encode("utf-8", "surrogateescape") for name in names]
    heads = [b"%d:%b" % (len(name), name) for name in encoded]
    return digest(f"{len(paths)} {sizes}".encode(), *heads, *contents)


def _thin(paths: Sequence[str], most: int) -> Sequence[str]:
    return paths[:: -(-len(paths) // most)] if len(paths) > most else paths


def _map(function: Callable[[str], R], paths: Sequence[str]) -> list[R]:
    """Call a function for each path, on several threads if there are many."""
    if len(paths) < _THREADS:
        return [function(path) for path in paths]
    share = -(-len(paths) // _THREADS)
    shares = [paths[start : start + share] for start in range(0, len(paths), share)]
    with ThreadPoolExecutor(_THREADS) as pool:
        return [each for found in pool.map(lambda paths: [*map(function, paths)], shares) for each in found]


def _size(path: str) -> int:
    if "://" not in path:
        try:
            return os.stat(path).st_size  # noqa: PTH116 - called for each of many files
        except OSError:
            pass  # reported below
    return file_size(path) or 0


def _content(path: str, samples: Samples) -> bytes:
    local = local_path(path)
    if local is None:
        return _remote_stamp(path).encode()
    with wrap_file_errors(path, "cannot be read", "check the path"):
        return sample_digest(str(local), samples)


def file_stamp(path: str) -> str:
    """Return a text that changes whenever a file may have changed; it is another one for a copy of the file.

    Of a local file, that is its path, size, and times of modification and of change of its inode, which no
    program can set, and a digest of its ends. Of a file at a URL, what its file system says of its version.

    Raises:
        UsageError: The file does not exist.
    """
    local = local_path(path)
    if local is None:
        return f"{path} {_remote_stamp(path)}"
    with wrap_file_errors(path, "cannot be read", "check the path"):
        status = local.stat()
        found = sample_digest(str(local), Samples(_BLOCK, 0))
    place = os.path.abspath(local)  # noqa: PTH100 - symbolic links are not resolved
    return f"{place} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {found.hex()}"


def stat_digest(root: str, names: Sequence[str]) -> bytes:
    """Compute a digest of the names, sizes and times of local files, as for `file_stamp`; none is opened.

    Raises:
        UsageError: A file does not exist.
    """

    def stamp(name: str) -> bytes:
        path = f"{root}/{name}"
        try:
            status = os.stat(path)  # noqa: PTH116 - called for each of many files
        except OSError as error:
            what = f"cannot be read: {error.strerror}"
            raise UsageError(what, path=path, hint="check the path") from error
        text = f"{len(name)} {name} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} "
        return text.encode("utf-8", "surrogateescape")

    return digest(*_map(stamp, names))


def _remote_stamp(path: str) -> str:
    with wrap_file_errors(path, "cannot be read", "check the path"):
        fs, name = open_filesystem(path)
        info = fs.info(name)
        if info.get("type") == "directory":
            raise UsageError("expected a file, got a folder", path=path, hint="name the file")
        stamps = [f"{key}={info[key]}" for key in _STAMPS if info.get(key) is not None][:1]
        return f"{info.get('size')} {stamps[0] if stamps else fs.ukey(name)}"
