"""Ctrl-C, SIGTERM, a dying worker, a fork: iteration ends, and no process or file is left.

What hangs here hangs forever: a process that ends did not wait for it.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tests.waiting import PATIENCE, wait_until

PRELUDE = """
import os, signal, sys, threading
import numpy as np
import headrace as hr

signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run in the background

def same(batch):
    return batch

def never(batch):
    if batch["x"][0].as_py():
        threading.Event().wait()
    return batch

def run(batches):
    for number, batch in enumerate(batches):
        if number == 3:
            print("running", flush=True)
    raise AssertionError("the data has ended")

ds = hr.Dataset.from_arrays({"x": np.arange(100_000)})
endless = ds.shuffle(1).repeat(1_000_000).batch(64)
"""

RUNNING = {
    "plain": "run(endless)",
    "prefetch": "run(endless.prefetch(4))",
    "threads": "run(endless.map(same, threads=2).prefetch())",
    "prefetch-of-prefetch": "run(endless.prefetch().map(same).prefetch())",
    "torch": "run(endless.prefetch().to_torch())",
    "workers": """
from torch.utils.data import DataLoader
run(DataLoader(endless.prefetch().to_torch(), batch_size=None, num_workers=2))
""",
}
WAITING = {
    # The source hangs: the thread cannot end, but the process does.
    "hanging-source": """
iterator = iter(ds.batch(64).map(never).prefetch())
next(iterator)
print("running", flush=True)
next(iterator)
""",
    "hanging-function": """
iterator = iter(ds.batch(64).map(never, threads=3).prefetch())
next(iterator)
print("running", flush=True)
next(iterator)
""",
    "full-queue": """
iterator = iter(endless.prefetch())
next(iterator)
print("running", flush=True)
signal.pause()
""",
}


def start(code: str, folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "TMPDIR": str(folder)}
    process = subprocess.Popen(
        [sys.executable, "-c", PRELUDE + code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n", process.communicate()[1]
    return process


def wait_for_end(process: subprocess.Popen[str]) -> str:
    """Wait until the process and all its children have ended, and return its errors."""
    try:
        errors = process.communicate(timeout=PATIENCE)[1]
        wait_until(lambda: not find_group(process.pid))
    finally:
        for each in find_group(process.pid):
            each.kill()
    return errors


def find_group(group: int) -> list[psutil.Process]:
    """Find the processes of a group that have not ended."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, ProcessLookupError):
            continue
    return found


def interrupt(code: str, number: signal.Signals, folder: Path) -> tuple[str, int]:
    """Run code, send a signal to its process group, as a terminal sends Ctrl-C, and wait for the end."""
    process = start(code, folder)
    os.killpg(process.pid, number)
    return wait_for_end(process), process.returncode


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
@pytest.mark.parametrize("name", [*RUNNING, *WAITING])
def test_a_signal_ends_the_process_and_nothing_is_left(name, number, tmp_path):
    errors, code = interrupt((RUNNING | WAITING)[name], number, tmp_path)
    assert code == -number
    if number == signal.SIGINT:
        assert errors.rstrip().endswith("KeyboardInterrupt")
        assert errors.count("Traceback") == 1, errors
    if (name, number) != ("workers", signal.SIGTERM):  # multiprocessing cleans up only if it is not killed
        assert list(tmp_path.rglob("*")) == []


def test_a_killed_worker_of_a_loader_is_an_error(tmp_path):
    """The loader names the worker, or reports the connection to it that was lost."""
    code = """
from torch.utils.data import DataLoader
loader = DataLoader(endless.prefetch().to_torch(), batch_size=None, num_workers=2)
iterator = iter(loader)
next(iterator)
print("running", flush=True)
os.kill(iterator._workers[1].pid, signal.SIGKILL)
run(iterator)
"""
    process = start(code, tmp_path)
    errors = wait_for_end(process)
    assert process.returncode == 1
    assert "the data has ended" not in errors


FORKS = """
iterator = iter(endless.map(same, threads=2).prefetch())
next(iterator)
print("running", flush=True)
child = os.fork()
if not child:
    sys.exit()  # with the iterator alive
assert os.waitpid(child, 0)[1] == 0
child = os.fork()
if not child:
    try:
        run(iterator)
    except hr.errors.UsageError as error:
        assert "forked" in str(error)
        sys.exit()
assert os.waitpid(child, 0)[1] == 0
child = os.fork()
if not child:
    assert next(iter(ds.batch(64).prefetch())).num_rows == 64
    sys.exit()
assert os.waitpid(child, 0)[1] == 0
for _ in range(100):
    next(iterator)
"""


def test_a_fork_amid_prefetch_stops_neither_the_parent_nor_the_child(tmp_path):
    process = start(FORKS, tmp_path)
    errors = wait_for_end(process)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


def test_a_process_that_abandons_its_iterators_ends(tmp_path):
    code = """
kept = [iter(endless.map(same, threads=2).prefetch()) for _ in range(5)]
for iterator in kept:
    next(iterator)
print("running", flush=True)
"""
    process = start(code, tmp_path)
    errors = wait_for_end(process)
    assert process.returncode == 0
    assert errors == ""
