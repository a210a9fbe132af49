"""Feed a model: raw rows in any form, as the tensors that its signature names.

A row is a dict; a table is any form of `headrace.tables`. Columns are taken by name, in any order; others
are ignored. A value is cast as `headrace.columns.cast_column` says. A missing value becomes the default of
the signature, or else NaN, the empty string or the empty list; what has none of them is an error. A column
that the signature calls optional may be absent.
"""

from headrace.serving.feed.feeder import Feeder
from headrace.serving.feed.infer_inputs import infer_inputs

__all__ = ["Feeder", "infer_inputs"]
