"""Passes over the data on Apache Beam, as a pipeline of its own or as transforms in the user's pipeline.

Processes exchange the graph as text and states as bytes. Workers read data by its parts (see
`headrace.transform.analysis.parts`); Beam pickles the parts, including the functions of a dataset's `map` and
`filter`.
"""

from headrace.transform.engines.beam.datasets import (
    AnalyzeAndTransformDataset,
    AnalyzeDataset,
    TransformDataset,
    WriteTransform,
)
from headrace.transform.engines.beam.engine import BeamEngine

__all__ = ["AnalyzeAndTransformDataset", "AnalyzeDataset", "BeamEngine", "TransformDataset", "WriteTransform"]
