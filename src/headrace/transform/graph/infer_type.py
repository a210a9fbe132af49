"""The type of a node: what an op or analyzer makes of its inputs, within limits that hold for every one."""

from __future__ import annotations

from math import prod

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.op import Op

__all__ = ["infer_type"]

_MOST_VALUES = 2**26  # of a row, such as an image of 8,192 x 8,192 pixels


def infer_type(what: Op | Analyzer, *types: ColumnType) -> ColumnType:
    """Return the type of the result of an op or analyzer.

    Raises:
        TraceError: It does not accept this number of inputs or inputs of these types, or a row of the result
            would have more than 2**26 values.
    """
    if isinstance(what, Op) and what.arity is not None:
        least, most = what.arity
        if len(types) < least or (most is not None and len(types) > most):
            expected = (
                f"at least {least}" if most is None else f"{least}" if least == most else f"{least} to {most}"
            )
            raise TraceError(
                f"{what.name} expects {expected} inputs, got {len(types)}", hint="pass that many"
            )
    takes_dates = isinstance(what, Op) and what.takes_dates
    if not takes_dates and any(each.is_timestamp for each in types):
        raise TraceError(
            f"{what.name} expects no dates, got {next(each for each in types if each.is_timestamp)}",
            hint="take a part of the date by date_part, or the time since another date by elapsed",
        )
    varied = next((each for each in types if each.varies), None)
    if varied is not None and not (isinstance(what, Op) and what.takes_any_size):
        hint = "resize the images first: hr.transform.resize(image, 224, 224)"
        raise TraceError(
            f"{what.name} expects rows of one shape, got images of any size, {varied}", hint=hint
        )
    type_ = what.infer(*types)
    if type_.varies:
        return type_
    if prod(type_.shape) > _MOST_VALUES:
        raise TraceError(
            f"{what.name} would make rows of {prod(type_.shape):,} values, but the most is {_MOST_VALUES:,}",
            hint="choose a smaller size, or hash values into fewer buckets",
        )
    return type_
