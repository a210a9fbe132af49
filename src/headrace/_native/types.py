"""The tuples that the kernels of records and of JSON take and return."""

from __future__ import annotations

from typing import Any, TypeAlias

from headrace._native._kernels import JsonFault, JsonLayout, Layout, RecordFault, ValueKind

__all__ = ["FeatureSpec", "FeatureSummary", "JsonFailure", "JsonField", "RecordFailure"]

# (name, kind, layout, size, required, utf8, lowest, highest)
FeatureSpec: TypeAlias = tuple[str, ValueKind | int, Layout | int, int, bool, bool, int, int]

# (fault, row in the failed call, feature or -1, found, expected, step of a feature list or -1);
# RecordFault states what `found` and `expected` mean
RecordFailure: TypeAlias = tuple[RecordFault, int, int, int, int, int]

# (name, kind, records that have the feature, minimum and maximum number of values, whether bytes are text)
FeatureSummary: TypeAlias = tuple[bytes, ValueKind, int, int, int, bool]

# (fault, line in the call, place in the line, names from the outermost on, the text there, the key concerned)
JsonFailure: TypeAlias = tuple[JsonFault, int, int, list[bytes], bytes, bytes]

# (name, layout, items of a list, lowest and highest integer, whether inferred, children)
JsonField: TypeAlias = tuple[bytes, JsonLayout | int, int, int, int, bool, list[Any]]
