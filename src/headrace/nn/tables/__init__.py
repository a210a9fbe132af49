"""The network for tables, and embeddings of numbers; its public names are in `headrace.nn`."""

from headrace.nn.tables.periodic_embeddings import PeriodicEmbeddings
from headrace.nn.tables.piecewise_linear_embeddings import PiecewiseLinearEmbeddings
from headrace.nn.tables.table_network import TableNetwork

__all__ = ["PeriodicEmbeddings", "PiecewiseLinearEmbeddings", "TableNetwork"]
