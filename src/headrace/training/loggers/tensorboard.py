"""Event files of TensorBoard."""

from __future__ import annotations

import time
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog  # pyright: ignore[reportAttributeAccessIssue]
from tensorboard.compat.proto.summary_pb2 import Summary  # pyright: ignore[reportAttributeAccessIssue]
from tensorboard.summary.writer.event_file_writer import EventFileWriter

__all__ = ["TensorBoardLogger"]


class TensorBoardLogger:
    """Writes metrics to an event file, one event a call; `torch.utils.tensorboard` takes ten times as long.

    Args:
        folder: The folder of event files.
        purge_step: Events of this step and later ones, which a killed training wrote, are not shown.
    """

    def __init__(self, folder: Path, purge_step: int = 0) -> None:
        self._writer = EventFileWriter(str(folder))
        if purge_step:
            start = SessionLog(status=SessionLog.START)
            self._writer.add_event(Event(wall_time=time.time(), step=purge_step, session_log=start))

    def log(self, metrics: dict[str, float], step: int) -> None:
        """Write metrics by name at a step."""
        values = [Summary.Value(tag=name, simple_value=value) for name, value in metrics.items()]
        self._writer.add_event(Event(wall_time=time.time(), step=step, summary=Summary(value=values)))

    def close(self) -> None:
        """Write what is in the queue, and close the file."""
        self._writer.close()
