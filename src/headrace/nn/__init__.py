"""Networks for tables and texts, their layers, and the modes of models; requires torch."""

from headrace import extras

extras.require("torch", extra="train", purpose="headrace.nn")

from headrace.nn.affine_output import AffineOutput
from headrace.nn.bag_of_embeddings import BagOfEmbeddings
from headrace.nn.digest_weights import digest_tensors, digest_weights
from headrace.nn.label_columns import note_label_columns, read_label_columns
from headrace.nn.model_failure import describe_failure, shorten_error
from headrace.nn.named_outputs import NamedOutputs
from headrace.nn.tables import PeriodicEmbeddings, PiecewiseLinearEmbeddings, TableNetwork
from headrace.nn.temporary_mode import check_model, check_shapes, temporary_mode
from headrace.nn.texts import TextNetwork

__all__ = [
    "AffineOutput",
    "BagOfEmbeddings",
    "NamedOutputs",
    "PeriodicEmbeddings",
    "PiecewiseLinearEmbeddings",
    "TableNetwork",
    "TextNetwork",
    "check_model",
    "check_shapes",
    "describe_failure",
    "digest_tensors",
    "digest_weights",
    "note_label_columns",
    "read_label_columns",
    "shorten_error",
    "temporary_mode",
]
