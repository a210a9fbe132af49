"""Mapped Arrow IPC files that are cut while rows are copied from them, after their size was checked."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

_START = """
import os, signal, sys
import numpy as np
import pyarrow as pa
from headrace.data.sources import ArrowIpcSource
from headrace.data.sources.tables import ipc_rows
from headrace.data.sources.tables.local_file import FileIdentity
from headrace.errors import HeadraceError

ipc_rows._LOADED_BYTES = 0
check_size = FileIdentity.check_size
path, kind = sys.argv[1:3]
number = np.arange(200_000)
table = pa.table({
    "x": number, "t": pa.array(number.astype(str)), "b": pa.array(number % 2 == 0, mask=number % 3 == 0),
    "l": pa.array([[each, -each] for each in range(200_000)]),
    "s": pa.array([{"y": each} for each in range(200_000)]),
    "d": pa.array(number.astype(str)).dictionary_encode(),
})

def write(path):
    with (pa.ipc.new_file if kind == "file" else pa.ipc.new_stream)(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=50_000)

def cut_after_check(path, size):
    def check(identity):
        if identity.file == path and os.path.getsize(path) > size:
            os.truncate(path, size)
    FileIdentity.check_size = check

def take(rows, chosen=number):
    try:
        return rows.take(chosen)
    except HeadraceError as error:
        print(error, flush=True)

write(path)
rows = ArrowIpcSource.from_paths(path).open_rows()
assert rows.take(np.arange(0, 200_000, 999)).num_rows == 201
"""
_CUT = """
for size in (os.path.getsize(path) // 2, 5000, 0):
    cut_after_check(path, size)
    take(rows, number[::-7])
FileIdentity.check_size = check_size
write(path)
take(rows)
again = ArrowIpcSource.from_paths(path).open_rows()
assert again.take(number).num_rows == 200_000
"""
_HANDLERS = """
import ctypes, faulthandler, mmap
signal.signal(signal.SIGBUS, signal.SIG_DFL)  # another library takes the signal over
cut_after_check(path, 5000)
take(rows)
other = path + ".other"
with open(other, "wb") as file:
    file.write(bytes(1 << 16))
with open(other, "r+b") as file:
    mapped = mmap.mmap(file.fileno(), 0)
os.truncate(other, 0)
mapped[5000]
"""


def _run(script: str, tmp_path: Path, kind: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-c", _START + script, tmp_path / "a.arrow", kind]
    return subprocess.run(arguments, capture_output=True, text=True)


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_a_file_cut_while_rows_are_copied_is_an_error_until_it_is_opened_again(
    tmp_path: Path, kind: str
) -> None:
    done = _run(_CUT, tmp_path, kind)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    assert all("a.arrow: the file was cut while it was read" in line for line in lines)


def test_the_signal_is_handled_for_guarded_files_only(tmp_path: Path) -> None:
    done = _run(_HANDLERS, tmp_path, "file")
    assert done.returncode == -signal.SIGBUS, done.stdout + done.stderr
    assert done.stdout.count("the file was cut while it was read") == 1
