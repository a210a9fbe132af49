"""`docs/missing-and-invalid.md`: missing, NaN, infinite, out of range, unseen, mistyped, too large."""

import pytest

from .missing_and_invalid import ENTRIES, SITUATIONS, describe, read_table

ROWS = dict(zip(SITUATIONS, read_table().splitlines()[2:], strict=True))


@pytest.mark.parametrize("name", SITUATIONS)
def test_each_cell_says_what_becomes_of_the_value(name: str) -> None:
    """After a change of a rule, `python -m tests.docs.missing_and_invalid` writes the table again."""
    assert ROWS[name] == f"| {name} | " + " | ".join(describe(entry, name) for entry in ENTRIES) + " |"


def test_the_page_has_every_entry() -> None:
    assert read_table().splitlines()[0] == "| | " + " | ".join(ENTRIES) + " |"
