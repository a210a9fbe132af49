"""Files of raw records: a writer that is not closed warns."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from headrace.records import RecordReader, RecordWriter

FORGETFUL = """
from headrace.records import RecordWriter
writer = RecordWriter({path!r})
writer.write(b"one")
"""


def test_a_forgotten_close_is_seen_at_the_end_of_the_program(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    done = subprocess.run(
        [sys.executable, "-c", FORGETFUL.format(path=str(path))], capture_output=True, text=True, check=True
    )
    assert f"RuntimeWarning: {path} was not written: call close() of its RecordWriter" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_forgotten_close_names_the_line_that_opened_the_writer(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path / "x.tfrecord")
    with pytest.warns(RuntimeWarning, match="was not written") as caught:
        del writer  # CPython calls finalizers at once
    assert caught[0].filename == __file__
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("error")
def test_a_closed_writer_does_not_warn(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path / "x.tfrecord")
    writer.write(b"one")
    writer.close()
    with pytest.raises(KeyError), RecordWriter(tmp_path / "y.tfrecord"):
        raise KeyError
    del writer
    gc.collect()
    assert list(RecordReader(tmp_path / "x.tfrecord")) == [b"one"]
    assert [path.name for path in tmp_path.iterdir()] == ["x.tfrecord"]
