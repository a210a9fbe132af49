"""Apply a transform to a Spark DataFrame."""

# pyright: reportMissingImports=false
# Spark is an extra: the type checker also runs where it is not installed.

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql.pandas.types import from_arrow_schema

from headrace.transform.engines.spark.columns import ColumnTypes, select_columns
from headrace.transform.transform import Transform

__all__ = ["transform_dataframe"]

_SPARK_TYPES = {
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.uint64(): pa.int64(),
    pa.float16(): pa.float32(),
}


def transform_dataframe(transform: Transform, frame: Any) -> Any:
    """Apply a transform to the rows of a Spark DataFrame, on the workers.

    Args:
        transform: The transform.
        frame: A DataFrame, classic or Connect, with the columns that the transform reads.

    Returns:
        A DataFrame of the transform's outputs. Rows of fixed shape are arrays; Spark does not have unsigned
        integers and 16-bit floats, so they are of the next larger type.

    Example:
        >>> def write_features(transform, spark):
        ...     frame = spark.read.parquet("clicks")
        ...     transform_dataframe(transform, frame).write.parquet("features")
    """
    names = list(transform.reads)
    schema = _to_spark(transform.output_schema)
    types = ColumnTypes.of(frame.sparkSession)

    def apply(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield types.to_spark(_cast(transform(types.to_arrow(batch, names)), schema))

    return select_columns(frame, names).mapInArrow(apply, from_arrow_schema(schema))


def _to_spark(schema: pa.Schema) -> pa.Schema:
    return pa.schema([pa.field(field.name, _spark_type(field.type)) for field in schema])


def _spark_type(type_: pa.DataType) -> pa.DataType:
    if isinstance(type_, pa.FixedShapeTensorType):
        return _spark_type(type_.storage_type)
    if pa.types.is_fixed_size_list(type_) or pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return pa.list_(_spark_type(type_.value_type))
    return _SPARK_TYPES.get(type_, type_)


def _cast(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [
        column.storage if isinstance(column, pa.ExtensionArray) else column for column in batch.columns
    ]
    cast = [column.cast(field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(cast, schema=schema)
