"""The tuples that the record kernels take and return."""

from __future__ import annotations

from typing import TypeAlias

from headrace._native._kernels import Layout, RecordFault, ValueKind

__all__ = ["FeatureSpec", "FeatureSummary", "RecordFailure"]

# (name, kind, layout, size, required, utf8, lowest, highest)
FeatureSpec: TypeAlias = tuple[str, ValueKind | int, Layout | int, int, bool, bool, int, int]

# (fault, row in the failed call, feature or -1, found, expected, step of a feature list or -1);
# RecordFault states what `found` and `expected` mean
RecordFailure: TypeAlias = tuple[RecordFault, int, int, int, int, int]

# (name, kind, records that have the feature, minimum and maximum number of values, whether bytes are text)
FeatureSummary: TypeAlias = tuple[bytes, ValueKind, int, int, int, bool]
