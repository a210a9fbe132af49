"""Files of another kind than their names promise, such as git-lfs pointers and web pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FileKind", "find_file_kind", "match_file_kind"]

_HEAD = 512  # bytes
_AGAIN = "download or write it again"
_RAW = "download the file itself: by its raw address on GitHub, /resolve/ instead of /blob/ on Hugging Face"
_PACKED = "decompress it first"


@dataclass(frozen=True)
class FileKind:
    """What a file is.

    Attributes:
        what: The kind, with its article.
        hint: What to do where another kind was expected.
    """

    what: str
    hint: str


_SIGNATURES: tuple[tuple[bytes, FileKind], ...] = (
    (
        rb"version https://git-lfs",
        FileKind("a git-lfs pointer, not the file", "fetch the file: git lfs pull"),
    ),
    (rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|body)", FileKind("a web page", _RAW)),
    (rb"\s*<\?xml|\s*<[a-z]*error", FileKind("an XML document, such as a server's error", _AGAIN)),
    (rb"\s*[{\[]\s*[\"{}\[\]]", FileKind("a JSON document", _AGAIN)),
    (rb"\x89HDF\r\n\x1a\n", FileKind("an HDF5 file, as Keras writes", "convert it to safetensors")),
    (rb"\x93NUMPY", FileKind("a NumPy array", "name the arrays and write safetensors")),
    (rb"GGUF", FileKind("a GGUF file", "convert it to safetensors")),
    (rb"PAR1", FileKind("a Parquet file", "read it by hr.Dataset.from_parquet")),
    (rb"ARROW1", FileKind("an Arrow IPC file", "read it by hr.Dataset.from_arrow_ipc")),
    (rb"%PDF", FileKind("a PDF document", _AGAIN)),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP", FileKind("an image", _AGAIN)),
    (rb"\x1f\x8b", FileKind("a gzip file", _PACKED)),
    (rb"\x28\xb5\x2f\xfd", FileKind("a Zstandard file", _PACKED)),
    (rb"BZh[1-9]", FileKind("a bzip2 file", _PACKED)),
    (rb"\xfd7zXZ\x00", FileKind("an xz file", _PACKED)),
    (rb"7z\xbc\xaf|Rar!", FileKind("an archive", _PACKED)),
    (rb"PK\x03\x04|PK\x05\x06", FileKind("a zip archive", "unpack it first")),
    (rb"(?s:.{257})ustar", FileKind("a tar archive", "unpack it first")),
)


def find_file_kind(path: Path | str) -> FileKind | None:
    """Recognise a local file by its first bytes; None if they are of no known kind.

    Raises:
        OSError: The file cannot be read.
    """
    with Path(path).open("rb") as file:
        head = file.read(_HEAD)
    return match_file_kind(head) if head else FileKind("an empty file", _AGAIN)


def match_file_kind(head: bytes) -> FileKind | None:
    """Recognise a file by its first bytes, 512 or more; None if they are of no known kind."""
    text = head[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    for pattern, kind in _SIGNATURES:
        if re.match(pattern, text, re.IGNORECASE | re.DOTALL):
            return kind
    return None
