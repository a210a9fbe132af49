"""Metadata of a dataset, available without reading it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

__all__ = ["DatasetInfo"]


@dataclass(frozen=True)
class DatasetInfo:
    """A dataset's card: its columns, classes, sizes, licence and source.

    Attributes:
        name: The name to pass to `load`.
        description: The data and its embedded sample, in a few sentences.
        schema: Columns and their types.
        label: The column to predict.
        class_names: The names of the classes, indexed by the label where it is an integer; empty for a
            regression target.
        sample_rows: Rows per split in the sample that ships with the package.
        full_rows: Rows per split in the full data, read from a `data_dir`.
        licence: The licence of the full data.
        source: Where the data comes from.
        citation: How to cite the data.
        version: The version of the data and of their order, as `load("NAME:VERSION")` names it.
        inputs: The columns to predict from, which `as_supervised` reads; empty is all columns but the label.
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
    version: str = "1.0.0"
    inputs: tuple[str, ...] = ()
