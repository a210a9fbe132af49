"""Passes over the data on Apache Spark, and the transformation of Spark DataFrames.

Processes exchange the graph as text and states as bytes. Workers read data by its parts (see
`headrace.transform.analysis.parts`); Spark pickles the parts, including the functions of a dataset's `map`
and `filter`.
"""

from headrace.transform.engines.spark.engine import SparkEngine
from headrace.transform.engines.spark.transform_dataframe import transform_dataframe

__all__ = ["SparkEngine", "transform_dataframe"]
