"""The index of a record file, by its headers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace._native import frame, index_frames, scan_frames

FRAME = 16


def index(path: Path, data: bytes) -> tuple[list[int], bool]:
    path.write_bytes(data)
    with path.open("rb") as file:
        bounds, is_complete = index_frames(file.fileno(), len(data))
    return bounds.tolist(), is_complete


@settings(deadline=None)
@given(st.lists(st.sampled_from([0, 1, 100, 9_000, 300_000]), max_size=12), st.data())
def test_an_index_is_what_a_scan_finds(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], draw: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("index") / "a"
    data = b"".join(frame(bytes(size)) for size in sizes)
    bounds = np.cumsum([0, *(size + FRAME for size in sizes)]).tolist()
    assert index(path, data) == (bounds, True)
    cut = data[: draw.draw(st.integers(0, len(data)))]
    starts, _, end, _, _ = scan_frames(cut, False)
    assert index(path, cut) == ([*(starts - 12).tolist(), end], end == len(cut))


def test_indexing_stops_at_a_corrupt_header(tmp_path: Path) -> None:
    data = bytearray(frame(b"one") + frame(b"two") + frame(b"three"))
    data[19 + 9] ^= 1
    assert index(tmp_path / "a", bytes(data)) == ([0, 19], False)


def test_the_data_are_not_verified(tmp_path: Path) -> None:
    data = bytearray(frame(b"one") + frame(b"two"))
    data[13] ^= 1
    assert index(tmp_path / "a", bytes(data)) == ([0, 19, 38], True)
