"""Event files of TensorBoard."""

from __future__ import annotations

import os
import socket
import time
from itertools import count
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event, SessionLog  # pyright: ignore[reportAttributeAccessIssue]
from tensorboard.compat.proto.summary_pb2 import Summary  # pyright: ignore[reportAttributeAccessIssue]
from tensorboard.summary.writer.record_writer import RecordWriter

__all__ = ["TensorBoardLogger"]

_FLUSH_SECONDS = 1.0
_numbers = count()


class TensorBoardLogger:
    """Writes metrics to an event file, one event a call; `torch.utils.tensorboard` takes ten times as long.

    Args:
        folder: The folder of event files.
        purge_step: Events of this step and later ones, which a killed training wrote, are not shown.
    """

    def __init__(self, folder: Path, purge_step: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{int(time.time()):010}.{socket.gethostname()}.{os.getpid()}.{next(_numbers)}"
        self._file = (folder / f"events.out.tfevents.{name}").open("wb")
        self._writer = RecordWriter(self._file)
        self._flushed_at = time.time()
        self._write(file_version="brain.Event:2")
        if purge_step:
            self._write(step=purge_step, session_log=SessionLog(status=SessionLog.START))

    def log(self, metrics: dict[str, float], step: int) -> None:
        """Write metrics by name at a step."""
        values = [Summary.Value(tag=name, simple_value=value) for name, value in metrics.items()]
        self._write(step=step, summary=Summary(value=values))

    def _write(self, **content: Any) -> None:
        now = time.time()
        self._writer.write(Event(wall_time=now, **content).SerializeToString())
        if now - self._flushed_at >= _FLUSH_SECONDS:
            self._file.flush()
            self._flushed_at = now

    def close(self) -> None:
        """Close the file."""
        self._file.close()
