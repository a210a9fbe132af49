"""Stages for lists, strings and series, one file per stage."""

from __future__ import annotations

from headrace.data.stages.sequences.bucket_by_length import BucketByLength
from headrace.data.stages.sequences.pack import Pack
from headrace.data.stages.sequences.pad import Pad
from headrace.data.stages.sequences.sliding_window import SlidingWindow

__all__ = ["BucketByLength", "Pack", "Pad", "SlidingWindow"]
