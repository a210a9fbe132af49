from __future__ import annotations

import random
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.waiting import PATIENCE, wait_until

from headrace.parallel import Turnstile


def numbers(stop: int, fails: bool = False) -> Generator[int]:
    yield from range(stop)
    if fails:
        raise ValueError("the stream is broken")


def test_each_turn_gets_its_item_in_any_order_of_threads() -> None:
    turns = Turnstile(numbers(50), size=lambda _: 0, most_bytes=1)
    order = random.Random(0).sample(range(60), 60)  # more than there are items
    with ThreadPoolExecutor(60) as pool:
        taken = dict(zip(order, pool.map(turns.take, order), strict=True))
    assert [taken[turn] for turn in range(60)] == [*range(50), *[None] * 10]


def test_an_error_is_raised_in_its_turn_and_ends_the_stream() -> None:
    turns = Turnstile(numbers(2, fails=True), size=lambda _: 0, most_bytes=1)
    assert [turns.take(0), turns.take(1)] == [0, 1]
    with pytest.raises(ValueError, match="the stream is broken"):
        turns.take(2)
    assert turns.take(3) is None


def test_no_item_is_taken_while_too_many_bytes_are_in_use() -> None:
    turns = Turnstile(numbers(5), size=lambda _: 10, most_bytes=20)
    taken: list[int | None] = [turns.take(0), turns.take(1)]
    waiting = threading.Thread(target=lambda: taken.append(turns.take(2)))
    waiting.start()
    wait_until(lambda: turns._changed._waiters)  # pyright: ignore
    assert taken == [0, 1]
    turns.give_back(0)
    waiting.join(timeout=PATIENCE)
    assert taken == [0, 1, 2]


def test_closing_the_stream_wakes_waiting_threads() -> None:
    turns = Turnstile(numbers(5), size=lambda _: 0, most_bytes=1)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(turns.take, 3)
        turns.end()
        assert late.result(timeout=PATIENCE) is None
