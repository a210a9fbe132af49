"""A slice of `make fuzz`'s files: generated files, read as the reference reads them."""

import pytest
from tests.differential.__main__ import FORMATS, run


@pytest.mark.parametrize("name", FORMATS)
def test_generated_files_are_read_as_the_reference_reads_them(name: str) -> None:
    files = 100 if name == "parquet" else 500  # Polars takes longer
    assert sum(run(name, files).values()) == files
