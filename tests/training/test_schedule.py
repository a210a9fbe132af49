"""The one-cycle learning rate schedule."""

import pytest

from headrace.training.optimization import one_cycle


def test_one_cycle_rises_to_the_peak_and_falls_to_zero() -> None:
    rates = [one_cycle(step, 100, 0.5) for step in range(101)]
    assert rates[0] == pytest.approx(0.02)
    assert rates[25] == max(rates) == 0.5
    assert rates[100] == pytest.approx(0.0)
    assert rates[:26] == sorted(rates[:26])
    assert rates[25:] == sorted(rates[25:], reverse=True)


def test_steps_beyond_the_last_stay_at_zero() -> None:
    assert one_cycle(150, 100, 0.5) == pytest.approx(0.0)
