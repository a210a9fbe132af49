import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.waiting import PATIENCE, wait_until

from headrace.errors import UsageError
from headrace.parallel import process_map

pytestmark = pytest.mark.usefixtures("no_process_left")


@pytest.fixture
def no_process_left():
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) <= before


def double(item):
    return 2 * item


def fail_at_five(item):
    if item == 5:
        raise ZeroDivisionError("five")
    return item


def end_at_five(item):
    if item == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_results_are_in_order(processes):
    assert list(process_map(double, iter(range(20)), processes)) == [(k, 2 * k) for k in range(20)]


def test_functions_run_in_other_processes_at_the_same_time():
    barrier = multiprocessing.get_context("fork").Barrier(2)

    def meet(_item):
        barrier.wait(PATIENCE)
        return os.getpid()

    found = {result for _, result in process_map(meet, iter(range(2)), 2)}
    assert len(found) == 2
    assert os.getpid() not in found


def test_an_error_is_raised_in_its_place_with_the_traceback_of_the_process():
    results = process_map(fail_at_five, iter(range(9)), 3)
    assert [next(results)[0] for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ZeroDivisionError, match="five") as caught:
        next(results)
    assert "fail_at_five" in caught.value.__notes__[0]


def test_an_error_of_the_items_is_raised_after_all_results():
    def items():
        yield from range(3)
        raise KeyError("no more")

    found = []
    with pytest.raises(KeyError, match="no more"):
        found += [result for _, result in process_map(double, items(), 2)]
    results = process_map(double, items(), 2)
    assert [next(results) for _ in range(3)] == [(0, 0), (1, 2), (2, 4)]
    results.close()


def test_a_killed_process_is_an_error():
    with pytest.raises(UsageError, match="a process of the map has ended with exit code -9"):
        list(process_map(end_at_five, iter(range(9)), 2))


def test_a_result_that_cannot_be_sent_is_an_error():
    with pytest.raises(TypeError, match="to another process"):
        list(process_map(lambda _item: (each for each in ()), iter(range(2)), 1))


def test_stopping_early_ends_the_processes_at_once():
    def stay(item):
        if item:
            signal.pause()
        return item

    results = process_map(stay, iter(range(9)), 3)
    next(results)
    results.close()


def test_the_processes_end_with_a_killed_parent():
    script = """
import os, signal
from headrace.parallel import process_map
def tell(item):
    if item:
        os.write(1, b"%d\\n" % os.getpid())  # in one piece, as both processes write
        signal.pause()
    return item
results = process_map(tell, iter(range(3)), 3)
next(results), next(results)
"""
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    workers = [int(child.stdout.readline()) for _ in range(2)]
    child.kill()
    child.wait()
    wait_until(lambda: not any(_is_running(worker) for worker in workers))
    child.stdout.close()


def _is_running(process):
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False
