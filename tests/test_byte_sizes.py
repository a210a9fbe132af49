import pytest

from headrace.byte_sizes import format_byte_size, parse_byte_size
from headrace.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("256MB", 256_000_000),
        ("256 MiB", 256 << 20),
        ("64k", 64_000),
        ("64KiB", 65_536),
        ("1.5GB", 1_500_000_000),
        (" 2 tib ", 2 << 40),
        ("300", 300),
        ("12B", 12),
        (17, 17),
    ],
)
def test_sizes_are_parsed(text, expected):
    assert parse_byte_size(text) == expected


@pytest.mark.parametrize("text", ["", "much", "-1MB", "1 MBit", "1e3", "MB", "1 XB"])
def test_other_texts_are_refused(text):
    with pytest.raises(UsageError, match=r"expected a memory size, got .* pass a number and a unit"):
        parse_byte_size(text)


@pytest.mark.parametrize("size", [0, 1, 999, 1000, 1024, 1536, 256_000_000, 3 << 30, 10**12, 2**63 - 1])
def test_formatted_sizes_are_parsed_to_the_same_number(size):
    assert parse_byte_size(format_byte_size(size)) == size
