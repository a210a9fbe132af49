"""A full disk ends a training with one line that names the event file."""

import resource
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from headrace.errors import UsageError
from headrace.training.loggers.tensorboard import TensorBoardLogger


@contextmanager
def limited_files(size: int) -> Generator[None]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_an_event_file_that_cannot_be_started_is_one_line(tmp_path: Path) -> None:
    expected = r"events\.out\.tfevents\.[^:]*: cannot be written: File too large; raise the limit"
    with limited_files(4), pytest.raises(UsageError, match=expected):
        TensorBoardLogger(tmp_path)


def test_an_event_file_that_cannot_be_finished_is_one_line_and_closed(tmp_path: Path) -> None:
    board = TensorBoardLogger(tmp_path / "board")
    board.log({"loss": 1.0}, 1)
    (path,) = (tmp_path / "board").iterdir()
    with (
        limited_files(path.stat().st_size + 4),
        pytest.raises(UsageError, match="cannot be written: File too large"),
    ):
        board.close()
    assert board._file.closed  # pyright: ignore[reportPrivateUsage]
