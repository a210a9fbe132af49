"""The sources of a pipeline, one file each."""

from __future__ import annotations

from headrace.data.sources.arrow import ArrowSource

__all__ = ["ArrowSource"]
