import pytest

from headrace.data.plan import Window


@pytest.mark.parametrize(
    ("window", "row_bytes", "rows"),
    [
        (None, 100, 65_536),
        (None, 1e6, 256),
        (1000, 1e6, 1000),
        ("1MB", 1e3, 1000),
        ("1MB", 3e6, 1),
        ("1GB", 10, 100_000_000),
        ("1MB", 0, 1_000_000),
    ],
)
def test_rows_that_fit_are_counted_by_their_average_size(window, row_bytes, rows):
    assert Window.parse(window).count_rows(row_bytes) == rows


@pytest.mark.parametrize(
    ("window", "rows", "size", "fits"),
    [
        (None, 65_536, 256_000_000, True),
        (None, 65_537, 100, False),
        (None, 2, 256_000_001, False),
        (10, 10, 1 << 40, True),
        (10, 11, 1, False),
        ("1kB", 10**6, 1000, True),
        ("1kB", 2, 1001, False),
        ("1kB", 1, 1001, True),
    ],
)
def test_rows_fit_by_number_and_by_size(window, rows, size, fits):
    assert Window.parse(window).fits(rows, size) is fits
