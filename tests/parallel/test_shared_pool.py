"""Threads that all calls share: results in order, errors in their place, and threads in forked children."""

import os
import sys
import threading

import pytest

from headrace.parallel import map_on_shared_threads


def test_results_are_in_order() -> None:
    assert map_on_shared_threads(lambda x: x * x, range(50), 4) == [x * x for x in range(50)]


def test_one_thread_is_the_callers() -> None:
    assert set(map_on_shared_threads(lambda _: threading.get_ident(), range(9), 1)) == {threading.get_ident()}


def test_an_error_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        map_on_shared_threads(lambda x: 1 // x, [1, 0, 2], 2)


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_a_forked_child_starts_threads_of_its_own() -> None:
    map_on_shared_threads(abs, range(9), 4)
    child = os.fork()
    if not child:
        os._exit(int(map_on_shared_threads(abs, range(9), 4) != list(range(9))))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
