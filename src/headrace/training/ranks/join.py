"""Join the processes that a launcher started: torchrun, accelerate, or code that uses torch.distributed."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

from torch import distributed as dist
from torch.distributed import distributed_c10d
from torch.distributed.rendezvous import rendezvous

from headrace.errors import UsageError
from headrace.parallel import divide_cpus
from headrace.training.ranks.failures import Failures
from headrace.training.ranks.ranks import ALONE, Ranks
from headrace.training.ranks.threads import use_all_threads

__all__ = ["join_ranks"]


_HINT = "start the processes with torchrun or accelerate launch, or unset WORLD_SIZE"


class _Terminated(SystemExit):
    """The launcher ends this process, and no rank is known to have failed."""


_sessions = count()
_stores: list[Any] = []  # of the launcher, opened once
_joined: list[Ranks] = []


@contextmanager
def join_ranks(seconds: float = 600.0) -> Generator[Ranks]:
    """Join the other processes of a training inside a `with` block; a single process is alone.

    A process group that is initialised already is used. Otherwise the variables of a launcher (`RANK`,
    `WORLD_SIZE`, `MASTER_ADDR`, `MASTER_PORT`) say whether there are several processes; then a group is
    initialised, and destroyed at the end. The CPUs of a machine are divided among its ranks. An error of one
    rank ends the block in all ranks. Blocks may be nested; the inner ones join nothing.

    Args:
        seconds: Seconds that a rank waits for another.

    Raises:
        UsageError: The variables of the launcher are incomplete.
        RankError: Another rank failed, ended or hangs.
    """
    if _joined:
        yield _joined[-1]
        return
    was_initialised = dist.is_available() and dist.is_initialized()
    size = dist.get_world_size() if was_initialised else _read_number("WORLD_SIZE", 1)
    if size == 1:
        yield ALONE
        return
    hook = sys.excepthook  # torch adds the rank to the lines of tracebacks
    with _name_absence(seconds):
        if not was_initialised:
            _initialise(size, seconds)
        failures = _meet(size, seconds)
    rank = dist.get_rank()
    beside = [each for each in failures.places if each["host"] == failures.places[rank]["host"]]
    local = sum(each["host"] == failures.places[rank]["host"] for each in failures.places[:rank])
    sharing = sum(each["cpus"] == failures.places[rank]["cpus"] for each in beside)
    ranks = Ranks(rank, size, local, failures)
    _joined.append(ranks)
    try:
        with _end_on_signal(failures), divide_cpus(sharing), use_all_threads():
            ranks.open_group()
            yield ranks
            ranks.close()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | GeneratorExit | _Terminated):
            raise
        raised = failures.publish(error)
        if raised is error:
            raise
        raise raised from error
    finally:
        _joined.remove(ranks)
        failures.close()
    if not was_initialised:
        dist.destroy_process_group()
        sys.excepthook = hook


@contextmanager
def _name_absence(seconds: float) -> Generator[None]:
    """Say in one line that the processes do not meet."""
    try:
        yield
    except RuntimeError as error:
        text = " ".join(str(error).split())
        if "EADDRINUSE" in text:
            what = f"another program uses port {os.environ.get('MASTER_PORT')}, which the processes meet at"
            hint = "choose another MASTER_PORT (--master-port); one process alone has RANK 0"
            raise UsageError(what, hint=hint) from error
        what = f"the other processes did not start a training within {seconds:g} s"
        raise UsageError(what, hint=f"call fit in every process ({text[:200]})") from error


def _meet(size: int, seconds: float) -> Failures:
    store = distributed_c10d._get_default_store()  # pyright: ignore[reportPrivateUsage]
    own = distributed_c10d.PrefixStore(f"headrace/{next(_sessions)}", store)
    return Failures(own, dist.get_rank(), size, seconds)


def _read_number(name: str, default: int | None = None) -> int:
    value = os.environ.get(name) or default
    if value is None or not str(value).isdigit():
        what = f"WORLD_SIZE is set, but {name} is {'missing' if value is None else repr(value)}"
        raise UsageError(what, hint=_HINT)
    return int(value)


def _initialise(size: int, seconds: float) -> None:
    rank = _read_number("RANK")
    if rank >= size:
        raise UsageError(f"WORLD_SIZE is {size}, but RANK is {rank}", hint="number the processes from 0")
    _read_number("MASTER_PORT")
    if not os.environ.get("MASTER_ADDR"):
        raise UsageError("WORLD_SIZE is set, but MASTER_ADDR is missing", hint=_HINT)
    timeout = timedelta(seconds=seconds)
    if not _stores:
        store, *_ = next(iter(rendezvous("env://", rank, size, timeout=timeout)))
        _stores.append(store)
    own = distributed_c10d.PrefixStore(f"headrace/group/{next(_sessions)}", _stores[0])
    dist.init_process_group("gloo", store=own, rank=rank, world_size=size, timeout=timeout)


@contextmanager
def _end_on_signal(failures: Failures) -> Generator[None]:
    """Report a rank that has ended, if the launcher ends this one for that; else SIGTERM acts as before."""
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def end(number: int, _frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        text = failures.find()
        if text is not None and text.startswith(f"rank {failures.rank}: no answer"):
            os._exit(1)  # what hangs would hang the end of the process, too
        if text is not None:
            raise failures.explain() from None
        raise _Terminated(128 + number)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
