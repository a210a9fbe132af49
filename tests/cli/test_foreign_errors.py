"""No exception of the operating system, Arrow, zip, zlib or ONNX Runtime passes as a traceback."""

import errno
import io
import os
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import onnxruntime
import pyarrow as pa
import pytest
import safetensors

from headrace.cli import predict
from headrace.cli.foreign_errors import convert_error
from headrace.errors import HeadraceError

from .commands import error_line, run_command, run_process


def _raise(error: Exception) -> None:
    raise error


ERRORS: dict[str, Callable[[], object]] = {
    "no space left": lambda: _raise(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "out/a.csv")),
    "quota": lambda: _raise(OSError(errno.EDQUOT, os.strerror(errno.EDQUOT), b"out/caf\xe9.csv")),
    "read-only": lambda: _raise(OSError(errno.EROFS, os.strerror(errno.EROFS), Path("out/a.csv"))),
    "an error without a number": lambda: _raise(OSError("the device is gone")),
    "an error without a text": lambda: _raise(OSError()),
    "Arrow, invalid": lambda: pa.array(["a", 1]),
    "Arrow, capacity": lambda: _raise(pa.ArrowCapacityError("array cannot contain more")),
    "Arrow, a key": lambda: _raise(pa.ArrowKeyError("no column")),
    "Arrow, memory": lambda: _raise(pa.ArrowMemoryError("malloc of size 1 failed")),
    "zip": lambda: zipfile.ZipFile(io.BytesIO(b"x")),
    "zlib": lambda: zlib.decompress(b"x"),
    "ONNX Runtime": lambda: onnxruntime.InferenceSession(b"x"),
    "safetensors": lambda: safetensors.deserialize(b"x"),
    "EOF": lambda: _raise(EOFError("Compressed file ended before the end-of-stream marker was reached")),
    "not UTF-8": lambda: b"\xff".decode(),
    "memory": lambda: _raise(MemoryError()),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_no_traceback_passes_the_door(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - any error
        ERRORS[name]()
    converted = convert_error(caught.value)
    assert isinstance(converted, HeadraceError)
    assert converted.hint

    def fail(*_: object) -> None:
        raise caught.value

    monkeypatch.setattr("headrace.serving.load", fail)
    line = error_line(run_command("predict", "model.onnx", "people.csv"))
    assert line == f"{type(converted).__name__}: {converted}"
    if name in ("no space left", "read-only"):
        assert line.startswith("UsageError: out/a.csv: ")


def test_a_fault_of_our_own_code_shows_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headrace.serving.load", lambda *_: [][1])
    assert predict.predict.__module__ == "headrace.cli.predict.command"
    with pytest.raises(IndexError):
        run_command("predict", "model.onnx", "people.csv")


def test_names_that_are_not_utf8_are_read_and_printed(shards: list[Path], tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.tfrecord")
    Path(name).write_bytes(shards[0].read_bytes())
    assert run_process("records", "check", name).code == 0
    absent = name.replace("caf", "absent")
    assert "absent\\udce9.tfrecord: no such file" in error_line(run_process("records", "check", absent))


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full")
def test_a_full_disk_of_a_pipe_is_one_line(shards: list[Path]) -> None:
    line = error_line(run_command("records", "convert", shards[0], "/dev/full", "--to", "csv", "--force"))
    assert line.startswith("UsageError: /dev/full: cannot be written: No space left on device; make room")
