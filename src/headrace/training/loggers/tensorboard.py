"""Event files of TensorBoard."""

from __future__ import annotations

import os
import socket
import time
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event, SessionLog  # pyright: ignore[reportAttributeAccessIssue]
from tensorboard.compat.proto.summary_pb2 import Summary  # pyright: ignore[reportAttributeAccessIssue]

from headrace._native import frame
from headrace.data.profiling import Profile
from headrace.file_errors import wrap_file_errors
from headrace.training.loggers.profile_plugin import write_plugin_files

__all__ = ["TensorBoardLogger"]

_FLUSH_SECONDS = 1.0
_numbers = count()


class TensorBoardLogger:
    """Writes metrics to an event file, one event a call, about once a second.

    Events wait as numbers: encoding one amid a training evicts what the next step needs from the caches, and
    takes ten times as long as encoding many. `torch.utils.tensorboard` takes longer still.

    Args:
        folder: The folder of event files.
        purge_step: Events of this step and later ones, which a killed training wrote, are not shown.

    Raises:
        UsageError: The file cannot be written, here or in any method.
    """

    def __init__(self, folder: Path, purge_step: int = 0) -> None:
        self._folder = folder
        name = f"{int(time.time()):010}.{socket.gethostname()}.{os.getpid()}.{next(_numbers)}"
        self._path = folder / f"events.out.tfevents.{name}"
        self._waiting: list[tuple[float, int, dict[str, float]]] = []
        self._flushed_at = time.time()
        with self._wrap_errors():
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("wb")
            self._write(self._flushed_at, file_version="brain.Event:2")
            if purge_step:
                self._write(
                    self._flushed_at, step=purge_step, session_log=SessionLog(status=SessionLog.START)
                )
            self._file.flush()

    def log(self, metrics: dict[str, float], step: int) -> None:
        """Write metrics by name at a step."""
        now = time.time()
        self._waiting.append((now, step, metrics))
        if now - self._flushed_at >= _FLUSH_SECONDS:
            with self._wrap_errors():
                self._flush()
            self._flushed_at = now

    def write_profile(self, profile: Profile, step: int) -> None:
        """Write the shares of a profile as scalars, and its trace where the profile plugin looks for it."""
        shares = {f"profile/{each.name}": each.share for each in profile.stages}
        self.log({**shares, "profile/wait": profile.model_wait}, step)
        write_plugin_files(profile, self._folder)

    def _flush(self) -> None:
        for wall_time, step, metrics in self._waiting:
            values = [Summary.Value(tag=name, simple_value=value) for name, value in metrics.items()]
            self._write(wall_time, step=step, summary=Summary(value=values))
        self._waiting.clear()
        self._file.flush()

    def _write(self, wall_time: float, **content: Any) -> None:
        event = Event(wall_time=wall_time, **content).SerializeToString()
        self._file.write(frame(np.frombuffer(event, np.uint8)))  # an event file is a file of TFRecords

    def close(self) -> None:
        """Write what waits, and close the file."""
        with self._wrap_errors():
            try:
                self._flush()
            finally:
                self._file.close()

    def _wrap_errors(self) -> AbstractContextManager[None]:
        return wrap_file_errors(str(self._path), "cannot be written", "make room or choose another place")
