"""Sequences whose lengths are spread as those of English sentences and reviews are."""

import numpy as np
import pyarrow as pa
import pytest

from headrace.columns import Ragged, to_arrow
from headrace.data import Dataset


@pytest.fixture
def texts() -> Dataset:
    """5,000 rows: the number of the row, and that many times as the row has tokens, its number."""
    lengths = np.random.default_rng(0).lognormal(5, 0.7, 5000).astype(np.int64)
    splits = np.concatenate([[0], np.cumsum(lengths)])
    ids = to_arrow(Ragged(np.repeat(np.arange(5000, dtype=np.int32), lengths), splits))
    return Dataset.from_arrow(pa.table({"ids": ids, "row": np.arange(5000)}))
