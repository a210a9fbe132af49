import pickle

import pytest
from tests.waiting import no_new_threads

from headrace.parallel import Tuner, autotune, autotuned_map
from headrace.parallel.autotune import WaitCost, choose_threads


def choose(*waited: float, used: float = 0.0, most: int = 8) -> tuple[int, bool]:
    return choose_threads([WaitCost(each, used) for each in waited], most)


@pytest.mark.parametrize(
    ("waited", "most", "chosen"),
    [
        ((), 8, (1, False)),
        ((), 1, (1, True)),
        ((8.0,), 8, (2, False)),
        ((8.0, 4.0), 8, (4, False)),
        ((8.0, 4.0, 2.0), 8, (8, False)),
        ((8.0, 4.0, 2.0, 1.0), 8, (8, True)),
        ((8.0, 4.0, 2.0), 6, (6, False)),
        ((8.0, 4.0), 2, (2, True)),
    ],
    ids=lambda value: str(value).replace(" ", ""),
)
def test_more_threads_are_tried_while_they_help(waited, most, chosen):
    assert choose(*waited, most=most) == chosen


def test_threads_that_save_less_than_a_tenth_are_given_up():
    assert choose(8.0, 7.3) == (1, True)
    assert choose(8.0, 7.1) == (4, False)
    assert choose(8.0, 4.0, 3.7) == (2, True)
    assert choose(8.0, 9.0) == (1, True)


def test_a_consumer_that_hardly_waits_needs_no_more_threads():
    assert choose(0.5, used=10.0) == (1, True)
    assert choose(8.0, 0.5, used=10.0) == (2, True)
    assert choose(0.6, used=10.0) == (2, False)


def test_results_that_became_larger_lower_the_number():
    assert choose(8.0, 4.0, 2.0, most=2) == (2, True)
    assert choose(8.0, most=1) == (1, True)


class Clock:
    """A clock that advances by what a result costs with the threads that are in use."""

    def __init__(self, seconds: dict[int, float], monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.seconds, self.threads = 0.0, seconds, 1
        monkeypatch.setattr(autotune, "perf_counter", lambda: self.now)
        monkeypatch.setattr(autotune, "available_cpus", lambda: 4)
        compute = autotune.map_on_threads

        def compute_and_wait(work, items, threads, name, *, most):
            self.threads = threads
            for result in compute(work, items, threads, name, most=most):
                self.now += self.seconds[threads]
                yield result

        monkeypatch.setattr(autotune, "map_on_threads", compute_and_wait)


@pytest.mark.parametrize(
    ("seconds", "chosen"),
    [
        ({1: 8.0, 2: 4.0, 4: 2.0}, 4),
        ({1: 8.0, 2: 4.0, 4: 4.1}, 2),
        ({1: 8.0, 2: 8.1}, 1),
    ],
    ids=["native", "limited", "python"],
)
def test_measured_costs_decide_and_results_are_the_same(seconds, chosen, monkeypatch, caplog):
    clock, tuner = Clock(seconds, monkeypatch), Tuner()
    with caplog.at_level("INFO", "headrace"):
        for _ in range(2):
            assert list(map_numbers(tuner, 100)) == [2 * number for number in range(100)]
            assert (tuner.chosen, clock.threads) == (chosen, chosen)
    assert [record.getMessage() for record in caplog.records] == [
        f"map(double): threads={chosen}, chosen by measurement"
    ]


def map_numbers(tuner, count, size=1, work=lambda number: 2 * number):
    return autotuned_map(
        work, iter(range(count)), tuner, lambda _: (1, size), name="map(double)", pool="test"
    )


def test_large_results_keep_the_number_low(monkeypatch):
    Clock({1: 8.0, 2: 4.0, 4: 2.0}, monkeypatch)
    tuner = Tuner()
    assert len(list(map_numbers(tuner, 100, size=60 << 20))) == 100
    assert tuner.chosen == 2  # four results of 60 MiB
    tuner.chosen = 4
    clock = Clock({1: 8.0, 2: 4.0, 4: 2.0}, monkeypatch)
    assert len(list(map_numbers(tuner, 100, size=200 << 20))) == 100
    assert clock.threads == 1


@pytest.mark.parametrize("chosen", [None, 1, 3])
def test_an_error_keeps_its_place(chosen, monkeypatch):
    monkeypatch.setattr(autotune, "available_cpus", lambda: 3)
    tuner = Tuner()
    tuner.chosen = chosen

    def fail(number):
        if number == 30:
            raise StopIteration
        return number

    results = map_numbers(tuner, 100, work=fail)
    assert [next(results) for _ in range(30)] == list(range(30))
    with pytest.raises(RuntimeError):
        next(results)


def test_a_consumer_that_stops_ends_the_threads(monkeypatch):
    monkeypatch.setattr(autotune, "available_cpus", lambda: 2)
    tuner = Tuner()
    tuner.chosen = 2
    with no_new_threads():
        results = map_numbers(tuner, 1000)
        assert [next(results) for _ in range(20)] == list(range(0, 40, 2))
        results.close()


def test_a_choice_stays_in_its_process():
    tuner = Tuner()
    tuner.chosen = 4
    assert pickle.loads(pickle.dumps(tuner)).chosen is None
