"""Work ahead in a background thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Semaphore, Thread

import pyarrow as pa

from headrace.data.pipeline import Stage


@dataclass(frozen=True)
class Prefetch(Stage):
    """Let a thread compute up to `batches` batches ahead of the consumer.

    An error in the thread reaches the consumer where it occurs in the stream, with the thread's traceback. A
    consumer that stops early waits for the batch in work, and no thread stays behind.
    """

    batches: int

    @property
    def spec(self) -> str:
        """Empty: the stream stays the same."""
        return ""

    @property
    def on_parts(self) -> tuple[Stage, ...]:
        """Nothing: the rows stay the same."""
        return ()

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """The same batches."""
        worker = _Worker(batches, self.batches)
        worker.start()
        try:
            while (item := worker.done.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                worker.room.release()
                yield item
        finally:
            worker.stop()


class _Worker(Thread):
    """Moves batches into `done` while there is `room`, and ends it by None or the error that stopped it."""

    def __init__(self, batches: Iterator[pa.RecordBatch], ahead: int) -> None:
        super().__init__(name="headrace-prefetch", daemon=True)
        self.done: SimpleQueue[pa.RecordBatch | BaseException | None] = SimpleQueue()
        self.room = Semaphore(ahead)
        self._batches = batches
        self._stopped = False

    def run(self) -> None:
        try:
            while self._has_room() and (batch := next(self._batches, None)) is not None:
                self.done.put(batch)
            self.done.put(None)
        except BaseException as error:  # whatever it is, it belongs to the consumer
            self.done.put(error)

    def stop(self) -> None:
        self._stopped = True
        self.room.release()
        self.join()

    def _has_room(self) -> bool:
        self.room.acquire()
        return not self._stopped
