"""Stages that work on columns by name, one file per stage."""

from __future__ import annotations

from headrace.data.stages.columns.drop import Drop
from headrace.data.stages.columns.rename import Rename
from headrace.data.stages.columns.select import Select

__all__ = ["Drop", "Rename", "Select"]
