"""Histograms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import headrace as hr
from headrace import transform as t


@pytest.mark.parametrize("boundaries", [[1.0], [2.0, 1.0], [0.0, np.nan], 1])
def test_boundaries_that_do_not_increase_are_refused(boundaries: Any) -> None:
    with pytest.raises(hr.HeadraceError, match="boundaries"):
        t.analyze(
            lambda i: {"y": i["x"] + t.histogram(i["x"], boundaries)[0]}, [pa.record_batch({"x": [1.0, 2.0]})]
        )
