"""Stages that change the number of rows, one file per stage."""

from __future__ import annotations

from headrace.data.stages.rows.flat_map import FlatMap
from headrace.data.stages.rows.unbatch import Unbatch

__all__ = ["FlatMap", "Unbatch"]
