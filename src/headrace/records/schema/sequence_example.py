"""How Arrow types lie in `tf.train.SequenceExample`: features of the whole record, and of its steps.

The context is an Example's schema (`headrace.records.schema.example`). A feature list is a list of steps:

    Arrow type                                          every step holds
    list<T>                                             one value
    list<list<T>>                                       any number of values
    list<fixed_size_list<T>[k]>                         exactly k values
    list<fixed_shape_tensor<T>[shape]>                  the product of the shape, row-major
    the last two of uint8                               one bytes value of exactly that many bytes

T is what an Example may hold; large lists may stand for lists. A null is a feature list that is absent, an
empty list one without steps. Steps are never null: one without values is an empty list, or else an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import pyarrow as pa

from headrace.errors import SchemaError
from headrace.records.schema import example as example
from headrace.records.schema.defaults import default_of

__all__ = [
    "ListRule",
    "RecordSchema",
    "SequenceSchema",
    "arrow_schema",
    "check_schema",
    "list_rules",
    "stored_schema",
]


@dataclass(frozen=True)
class SequenceSchema:
    """The schema of `tf.train.SequenceExample` records.

    Attributes:
        context: Features of the whole record.
        feature_lists: Features with an entry a step; names differ from those of the context.

    Example:
        >>> context = pa.schema([pa.field("label", pa.int64(), nullable=False)])
        >>> SequenceSchema(context, pa.schema([pa.field("words", pa.list_(pa.string()))])).arrow.names
        ['label', 'words']
    """

    context: pa.Schema
    feature_lists: pa.Schema

    def equals(self, other: RecordSchema) -> bool:
        """Whether the other is the same, defaults included."""
        return isinstance(other, SequenceSchema) and all(
            one.equals(another, check_metadata=True)
            for one, another in ((self.context, other.context), (self.feature_lists, other.feature_lists))
        )

    @property
    def arrow(self) -> pa.Schema:
        """The schema of the batches: the context's columns, then the feature lists'."""
        return pa.schema([*self.context, *self.feature_lists])


RecordSchema: TypeAlias = pa.Schema | SequenceSchema  # of Examples or of SequenceExamples


@dataclass(frozen=True)
class ListRule:
    """How one feature list lies in SequenceExamples.

    Attributes:
        step: How a step lies in its Feature.
        required: Whether the list's absence is an error.
    """

    step: example.Rule
    required: bool

    @property
    def spec(self) -> tuple[example.Spec, bool]:
        """As the native parser takes it."""
        return self.step.spec, self.required


def _list_rule(field: pa.Field) -> ListRule:
    if not example.is_list(field.type):
        hint = f"make it list<{field.type}>, or put it into the context"
        raise SchemaError(
            f"a feature list is a list of steps, not {field.type}", feature=field.name, hint=hint
        )
    if default_of(field) is not None:
        raise SchemaError("a feature list takes no default", feature=field.name, hint="make it nullable")
    step = pa.field(field.name, field.type.value_type, nullable=False)
    return ListRule(example.rule(step), not field.nullable)


def list_rules(schema: SequenceSchema) -> list[ListRule]:
    """How each feature list lies in SequenceExamples.

    Raises:
        SchemaError: A type outside this module's table, or a name that occurs twice in the whole schema.
    """
    example.refuse_doubles(schema.arrow.names)
    return [_list_rule(field) for field in schema.feature_lists]


def arrow_schema(schema: RecordSchema) -> pa.Schema:
    """The schema of the batches."""
    return schema.arrow if isinstance(schema, SequenceSchema) else schema


def check_schema(schema: RecordSchema) -> None:
    """Refuses what records cannot hold.

    Raises:
        SchemaError: A type without a place in records, or a name that occurs twice.
    """
    if isinstance(schema, SequenceSchema):
        list_rules(schema)
        schema = schema.context
    example.rules(schema)


def stored_schema(schema: RecordSchema) -> RecordSchema:
    """The schema of what is read back: `schema.stored_schema`'s types, and plain lists of steps."""
    if not isinstance(schema, SequenceSchema):
        return example.stored_schema(schema)
    stored = example.stored_schema(schema.feature_lists)
    lists = [field.with_type(pa.list_(field.type.value_type)) for field in stored]
    return SequenceSchema(example.stored_schema(schema.context), pa.schema(lists))
