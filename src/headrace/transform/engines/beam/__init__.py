"""Passes over the data on Apache Beam, on any of its runners; and the same as steps of one's own pipeline.

What travels between processes is the graph as text and states as bytes. Where data is in parts (see
`headrace.transform.analysis.parts`), a worker reads a part; Beam itself ships the parts, with the functions
of a dataset's `map` and `filter`, by its pickling.
"""

from headrace.transform.engines.beam.datasets import (
    AnalyzeAndTransformDataset,
    AnalyzeDataset,
    TransformDataset,
    WriteTransform,
)
from headrace.transform.engines.beam.engine import BeamEngine

__all__ = ["AnalyzeAndTransformDataset", "AnalyzeDataset", "BeamEngine", "TransformDataset", "WriteTransform"]
