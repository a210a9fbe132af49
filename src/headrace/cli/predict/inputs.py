"""The inputs of `headrace predict`: files, and standard input."""

from __future__ import annotations

import csv
import json
import shutil
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from headrace.errors import HeadraceError, UsageError
from headrace.storage import open_decompressed

__all__ = ["STANDARD_INPUT", "open_inputs", "parse_names"]

STANDARD_INPUT = "-"
_HEAD = 512  # bytes to recognise a format by
_COMPRESSED = {b"\x1f\x8b": ".gz", b"\x28\xb5\x2f\xfd": ".zst", b"BZh": ".bz2"}
_STARTS = {b"PAR1": ".parquet", b"ARROW1": ".arrow"}


@contextmanager
def open_inputs(paths: Sequence[str]) -> Generator[list[str]]:
    """Yield the paths of the inputs; standard input is first copied to a file, which is deleted at the end.

    Raises:
        UsageError: Standard input is empty, or named twice.
    """
    if STANDARD_INPUT not in paths:
        yield list(paths)
        return
    if paths.count(STANDARD_INPUT) > 1:
        raise UsageError("standard input is named twice", hint="name it once")
    with tempfile.TemporaryDirectory(prefix="headrace-") as folder:
        copy = _copy_standard_input(Path(folder))
        try:
            yield [copy if path == STANDARD_INPUT else path for path in paths]
        except HeadraceError as error:
            if error.path == copy:
                error.path = "standard input"
            raise


def _copy_standard_input(folder: Path) -> str:
    """Copy standard input to a file whose extension says what it holds."""
    stream = sys.stdin.buffer
    head = stream.read(_HEAD)
    if not head:
        raise UsageError("standard input is empty", hint="pipe rows into the command, or name a file")
    packed = next((extension for start, extension in _COMPRESSED.items() if head.startswith(start)), "")
    path = folder / f"rows{packed}"
    with path.open("wb") as file:
        file.write(head)
        shutil.copyfileobj(stream, file, 1 << 20)
    if packed:
        with open_decompressed(str(path)) as content:
            head = content.read(_HEAD)
    return str(path.rename(folder / f"rows{_find_extension(head)}{packed}"))


def _find_extension(head: bytes) -> str:
    """Return the extension of rows that start with these bytes."""
    for start, extension in _STARTS.items():
        if head.startswith(start):
            return extension
    if head[4:8] == bytes(4):  # the length of a record below 4 GiB
        return ".tfrecord"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"[") or (text.startswith(b"{") and _is_cut(text.partition(b"\n")[0], text)):
        return ".json"
    return ".jsonl" if text.startswith(b"{") else ".csv"


def _is_cut(line: bytes, text: bytes) -> bool:
    """Return whether an object goes on after its first line, as JSON that is indented does."""
    try:
        return len(line) < len(text) and not json.loads(line)
    except ValueError:
        return True


def parse_names(given: Sequence[str] | None) -> list[str]:
    """Split names at commas; a name that has one is put in double quotes.

    >>> parse_names(["id,name", '"last, first"'])
    ['id', 'name', 'last, first']

    Raises:
        UsageError: A name is empty or repeated.
    """
    names = [name.strip() for row in csv.reader(given or (), skipinitialspace=True) for name in row]
    for name in names:
        if not name or names.count(name) > 1:
            what = f"--keep: expected distinct names of columns, got {name!r}"
            raise UsageError(what, hint="pass --keep id,name")
    return names
