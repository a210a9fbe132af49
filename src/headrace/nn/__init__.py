"""Layers of models for tables and text; requires torch."""

from headrace import extras

extras.require("torch", extra="train", purpose="headrace.nn")

from headrace.nn.affine_output import AffineOutput
from headrace.nn.bag_of_embeddings import BagOfEmbeddings

__all__ = ["AffineOutput", "BagOfEmbeddings"]
