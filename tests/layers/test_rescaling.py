"""Rescaling."""

from __future__ import annotations

from headrace.layers import Rescaling


def test_rescaling_per_element() -> None:
    assert Rescaling([1, 10], offset=[0, 1])([[1.0, 1.0]]).tolist() == [[1.0, 11.0]]
