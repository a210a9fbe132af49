"""Preprocessing layers with Keras's names: adapt one to data; use it on data, in a model, in a transform.

They are `headrace.transform` underneath: one definition, evaluated here, in torch, and lowered to ONNX.
"""

from headrace.layers.category_encoding import CategoryEncoding
from headrace.layers.discretization import Discretization
from headrace.layers.hashed_crossing import HashedCrossing
from headrace.layers.hashing import Hashing
from headrace.layers.layer import PreprocessingLayer
from headrace.layers.normalization import Normalization
from headrace.layers.rescaling import Rescaling
from headrace.layers.stage import PreprocessingStage
from headrace.layers.string_lookup import StringLookup

__all__ = [
    "CategoryEncoding",
    "Discretization",
    "HashedCrossing",
    "Hashing",
    "Normalization",
    "PreprocessingLayer",
    "PreprocessingStage",
    "Rescaling",
    "StringLookup",
]
