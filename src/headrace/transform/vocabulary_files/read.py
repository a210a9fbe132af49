"""Reading of text files of one token per line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from headrace.errors import UsageError
from headrace.storage import expand_home, file_exists, local_path, missing_path_error, read_bytes
from headrace.transform.vocabulary_files.escapes import unescape

__all__ = ["VocabularyFile", "read_vocabulary_file"]

_BOM = "\ufeff"


@dataclass(frozen=True)
class VocabularyFile:
    """The tokens of a file; token i is on line i + 1.

    Attributes:
        path: The file.
        tokens: The tokens, in order.
    """

    path: str
    tokens: Sequence[str]

    def error(self, what: str, index: int, hint: str) -> UsageError:
        """Create an error that names the line of a token."""
        return UsageError(what, path=self.path, line=index + 1, hint=hint)


def read_vocabulary_file(path: str | os.PathLike[str]) -> VocabularyFile:
    r"""Read a UTF-8 text file of one token per line.

    Lines end at line feeds only: U+0085, U+2028, VT, FF and a carriage return are characters of a token. In
    a file whose lines all end in `\r\n`, as on Windows, the carriage returns are not. A byte order mark at
    the start is skipped, and an empty line is an empty token. Backslashes are characters, except in the
    `vocabularies` of a saved transform, whose escapes are undone.

    Raises:
        UsageError: The file does not exist, is empty, is not UTF-8, or mixes `\n` and `\r\n`.
    """
    name = expand_home(path)
    if not file_exists(name):
        raise missing_path_error(name, "no such vocabulary file")
    data = read_bytes(name)
    if not data:
        raise UsageError("expected one token per line, got an empty file", path=name, hint="check the path")
    if _is_of_transform(name):
        return VocabularyFile(name, tuple(map(unescape, _split(_decode(data, name)))))
    if b"\0" in data:
        what = "expected UTF-8 text, got UTF-16 or a binary file"
        raise UsageError(what, path=name, hint="save the file as UTF-8")
    text = _decode(data, name).removeprefix(_BOM)
    return VocabularyFile(name, _strip_carriage_returns(_split(text), text[-1:] != "\n", name))


def _decode(data: bytes, path: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        what = f"expected UTF-8 text, got the byte 0x{data[error.start]:02x}"
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(what, path=path, line=line, hint="save the file as UTF-8") from error


def _split(text: str) -> list[str]:
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def _strip_carriage_returns(lines: list[str], is_cut: bool, path: str) -> tuple[str, ...]:
    """Remove the carriage returns of a file whose lines all end in CR LF; `is_cut`: the last has no LF."""
    hint = "save the file with one kind of line ending"
    if is_cut and "\r" in lines[-1] and (len(lines) == 1 or lines[-1].endswith("\r")):
        what = r"expected lines to end in \n or \r\n, got \r"
        raise UsageError(what, path=path, line=len(lines), hint=hint)
    endings = [line.endswith("\r") for line in lines[: len(lines) - is_cut]]
    if True not in endings:
        return tuple(lines)
    if False in endings:
        what = r"expected all lines to end in \n, or all in \r\n, got both"
        raise UsageError(what, path=path, line=endings.index(not endings[0]) + 1, hint=hint)
    return tuple(line.removesuffix("\r") for line in lines)


def _is_of_transform(path: str) -> bool:
    """Return whether a file is a vocabulary of a saved transform, which `headrace.transform.saving` wrote."""
    local = local_path(path)
    if local is None:
        return False
    folder = Path(os.path.realpath(local)).parent
    return folder.name == "vocabularies" and (folder.parent / "statistics.json").is_file()
