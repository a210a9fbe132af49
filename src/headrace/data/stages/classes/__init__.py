"""Stages that treat rows by their class, one file per stage."""

from __future__ import annotations

from headrace.data.stages.classes.class_values import ClassReader
from headrace.data.stages.classes.resample import Resample
from headrace.data.stages.classes.weigh import Weigh

__all__ = ["ClassReader", "Resample", "Weigh"]
