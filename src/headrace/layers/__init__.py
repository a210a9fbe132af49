"""Preprocessing layers with Keras's names: adapt a layer to data; use it on data, in a model, in a transform.

Layers are built on `headrace.transform`: one definition, evaluated in Arrow and torch, and lowered to ONNX.
"""

from headrace import extras

extras.require("torch", extra="train", purpose="headrace.layers")

from headrace.layers.category_encoding import CategoryEncoding
from headrace.layers.center_crop import CenterCrop
from headrace.layers.discretization import Discretization
from headrace.layers.hashed_crossing import HashedCrossing
from headrace.layers.hashing import Hashing
from headrace.layers.idf import idf_weights
from headrace.layers.integer_lookup import IntegerLookup
from headrace.layers.layer import PreprocessingLayer
from headrace.layers.normalization import Normalization
from headrace.layers.preprocessing_stage import PreprocessingStage
from headrace.layers.rescaling import Rescaling
from headrace.layers.resizing import Resizing
from headrace.layers.string_lookup import StringLookup
from headrace.layers.text_vectorization import TextVectorization

__all__ = [
    "CategoryEncoding",
    "CenterCrop",
    "Discretization",
    "HashedCrossing",
    "Hashing",
    "IntegerLookup",
    "Normalization",
    "PreprocessingLayer",
    "PreprocessingStage",
    "Rescaling",
    "Resizing",
    "StringLookup",
    "TextVectorization",
    "idf_weights",
]
