"""Fields stored as serialised tensors: one `TensorProto` in bytes, as `tf.io.serialize_tensor` makes it.

The field keeps its Arrow type: a tensor of fixed shape, a fixed-size list, or a number. That it is stored as
bytes is in its metadata, `{"serialized": "tensor"}`. Unlike in an Example's own lists, float64 keeps its
precision.
"""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

from headrace.errors import SchemaError
from headrace.records.schema.example import SERIALIZED, get_tensor_shape
from headrace.records.schema.sequence_example import RecordSchema, SequenceSchema
from headrace.suggestions import suggest

__all__ = ["serialize_schema", "serialized"]


def serialized(field: pa.Field) -> pa.Field:
    """Have a field stored as serialised tensors, as the textbook's TensorFlow code stores images.

    Args:
        field: A field of numbers, fixed-size lists of numbers, or tensors.

    Returns:
        The field with this in its metadata: in the schema of `write`, each row is written as one tensor; in
        that of `read`, each is decoded and checked.

    Raises:
        SchemaError: Its rows are not numbers of one fixed shape.

    Example:
        >>> field = serialized(pa.field("image", pa.fixed_shape_tensor(pa.uint8(), [28, 28]), False))
        >>> field.metadata
        {b'serialized': b'tensor'}
    """
    get_tensor_shape(field)
    return field.with_metadata({**(field.metadata or {}), **SERIALIZED})


def serialize_schema(schema: RecordSchema, names: Collection[str]) -> RecordSchema:
    """Return a schema with some fields stored as serialised tensors; of SequenceExamples, of the context.

    Raises:
        SchemaError: No field has a name, or its rows are not numbers of one fixed shape.
    """
    if isinstance(schema, SequenceSchema):
        return SequenceSchema(_serialize_fields(schema.context, names), schema.feature_lists)
    return _serialize_fields(schema, names)


def _serialize_fields(schema: pa.Schema, names: Collection[str]) -> pa.Schema:
    for name in names:
        if name not in schema.names:
            raise SchemaError("no such column", feature=name, hint=suggest(name, schema.names))
    fields = [serialized(field) if field.name in names else field for field in schema]
    return pa.schema(fields, schema.metadata)
