"""Prefetch batches in a background thread."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Semaphore, Thread

from headrace.data.pipeline import Cursor, RowEffect, Stage, Step, Steps, Upstream


@dataclass(frozen=True)
class Prefetch(Stage):
    """Compute up to `batches` batches in a background thread before the consumer requests them.

    An error in the thread reaches the consumer at its position in the stream, with the thread's traceback. A
    consumer that stops early waits for the batch in progress, and no thread is left running.
    """

    batches: int

    @property
    def spec(self) -> str:
        """Empty: the stream does not change."""
        return ""

    @property
    def row_effect(self) -> RowEffect:
        """Rows keep their places."""
        return "same"

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """Nothing: the rows do not change."""
        return ()

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the same steps."""
        with closing(upstream(epoch, cursor)) as steps:
            worker = _Worker(steps, self.batches)
            worker.start()
            try:
                while (item := worker.queue.get()) is not None:
                    if isinstance(item, BaseException):
                        raise item
                    worker.room.release()
                    yield item
            finally:
                worker.stop()


class _Worker(Thread):
    """Moves batches into `queue` while there is `room`; then adds None, or the exception that stopped it."""

    def __init__(self, steps: Steps, limit: int) -> None:
        super().__init__(name="headrace-prefetch", daemon=True)
        self.queue: SimpleQueue[Step | BaseException | None] = SimpleQueue()
        self.room = Semaphore(limit)
        self._steps = steps
        self._stopped = False

    def run(self) -> None:
        try:
            while self._wait_for_room() and (step := next(self._steps, None)) is not None:
                self.queue.put(step)
            self.queue.put(None)
        except BaseException as error:  # the consumer raises it, KeyboardInterrupt included
            self.queue.put(error)

    def stop(self) -> None:
        self._stopped = True
        self.room.release()
        self.join()

    def _wait_for_room(self) -> bool:
        self.room.acquire()
        return not self._stopped
