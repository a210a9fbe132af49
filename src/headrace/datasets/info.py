"""What is known of a dataset without reading it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

__all__ = ["DatasetInfo"]


@dataclass(frozen=True)
class DatasetInfo:
    """A dataset's card.

    Attributes:
        name: What `load` calls it.
        description: What it is, and what its embedded sample is.
        schema: Columns and their types.
        label: The column to predict.
        class_names: The label's classes, in the order of their numbers where the label is a number; empty for
            a number to regress.
        sample_rows: Rows by split in the sample that ships with the package.
        full_rows: Rows by split of the data a `data_dir` holds.
        licence: Under which terms the full data may be used.
        source: Where it comes from.
        citation: How to cite it.
    """

    name: str
    description: str
    schema: pa.Schema
    label: str
    class_names: tuple[str, ...]
    sample_rows: Mapping[str, int]
    full_rows: Mapping[str, int]
    licence: str
    source: str
    citation: str
