"""Values and dataclasses read from JSON, each checked against its annotation."""

from headrace.json_fields.read_value import read_value

__all__ = ["read_value"]
