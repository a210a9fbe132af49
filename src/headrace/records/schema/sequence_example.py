"""How Arrow types are stored in `tf.train.SequenceExample`: features of the whole record and of its steps.

The context is an Example's schema (`headrace.records.schema.example`). A feature list is a list of steps:

    Arrow type                                          every step holds
    list<T>                                             one value
    list<list<T>>                                       any number of values
    list<fixed_size_list<T>[k]>                         exactly k values
    list<fixed_shape_tensor<T>[shape]>                  the product of the shape, row-major
    the last two of uint8                               one bytes value of exactly that many bytes

T is any type that an Example can hold; lists may be large lists. A null is an absent feature list; an empty
list is a feature list without steps. Steps are never null: a step without values is an empty list, or an
error if its type is not a list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa

from headrace.arguments import show_value
from headrace.errors import SchemaError, UsageError
from headrace.records.schema import example as example
from headrace.records.schema.defaults import read_default

__all__ = [
    "ListRule",
    "RecordSchema",
    "SequenceSchema",
    "arrow_schema",
    "check_schema",
    "check_schema_type",
    "derive_list_rules",
    "stored_schema",
]


@dataclass(frozen=True)
class SequenceSchema:
    """The schema of `tf.train.SequenceExample` records.

    Attributes:
        context: Features of the whole record.
        feature_lists: Features with one entry per step; their names differ from those of the context.

    Example:
        >>> context = pa.schema([pa.field("label", pa.int64(), nullable=False)])
        >>> SequenceSchema(context, pa.schema([pa.field("words", pa.list_(pa.string()))])).arrow.names
        ['label', 'words']
    """

    context: pa.Schema
    feature_lists: pa.Schema

    def equals(self, other: RecordSchema) -> bool:
        """Whether the schemas are equal, defaults included."""
        return isinstance(other, SequenceSchema) and all(
            mine.equals(theirs, check_metadata=True)
            for mine, theirs in ((self.context, other.context), (self.feature_lists, other.feature_lists))
        )

    @property
    def arrow(self) -> pa.Schema:
        """The schema of the batches: the columns of the context, then those of the feature lists."""
        return pa.schema([*self.context, *self.feature_lists])


RecordSchema: TypeAlias = pa.Schema | SequenceSchema  # of Examples or of SequenceExamples


@dataclass(frozen=True)
class ListRule:
    """How one feature list is stored in SequenceExamples.

    Attributes:
        step: How a step is stored in its Feature.
        required: Whether an absent list is an error.
    """

    step: example.Rule
    required: bool

    @property
    def spec(self) -> tuple[example.Spec, bool]:
        """The rule in the form that the native parser takes."""
        return self.step.spec, self.required


def _derive_list_rule(field: pa.Field) -> ListRule:
    if not example.is_list(field.type):
        hint = f"make it list<{field.type}>, or move it to the context"
        raise SchemaError(
            f"expected a list of steps for a feature list, got {field.type}", feature=field.name, hint=hint
        )
    if read_default(field) is not None:
        raise SchemaError("a feature list cannot have a default", feature=field.name, hint="make it nullable")
    step = pa.field(field.name, field.type.value_type, nullable=False)
    return ListRule(example.derive_rule(step), not field.nullable)


def derive_list_rules(schema: SequenceSchema) -> list[ListRule]:
    """Derive how each feature list is stored in SequenceExamples.

    Raises:
        SchemaError: A type outside this module's table, or a name that occurs twice in the whole schema.
    """
    example.check_unique(schema.arrow.names)
    return [_derive_list_rule(field) for field in schema.feature_lists]


def arrow_schema(schema: RecordSchema) -> pa.Schema:
    """Return the schema of the batches."""
    return schema.arrow if isinstance(schema, SequenceSchema) else schema


def check_schema_type(schema: Any) -> None:
    """Check that an argument is a schema.

    Raises:
        UsageError: It is something else.
    """
    if not isinstance(schema, pa.Schema | SequenceSchema):
        what = f"schema: expected a pyarrow.Schema or a SequenceSchema, got {show_value(schema)}"
        raise UsageError(what, hint="pass pa.schema({name: type}), or leave it out to infer it")


def check_schema(schema: RecordSchema) -> None:
    """Check that records can hold columns of the schema.

    Raises:
        SchemaError: A type that records cannot hold, or a name that occurs twice.
    """
    if isinstance(schema, SequenceSchema):
        derive_list_rules(schema)
        schema = schema.context
    example.derive_rules(schema)


def stored_schema(schema: RecordSchema) -> RecordSchema:
    """Derive the schema that is read back: stored types as for Examples, and plain lists of steps."""
    if not isinstance(schema, SequenceSchema):
        return example.stored_schema(schema)
    stored = example.stored_schema(schema.feature_lists)
    lists = [field.with_type(pa.list_(field.type.value_type)) for field in stored]
    return SequenceSchema(example.stored_schema(schema.context), pa.schema(lists))
