"""Scaling of numbers by the statistics of the data set."""

from __future__ import annotations

import math

from headrace.arguments import check_number
from headrace.errors import TraceError
from headrace.transform.analyzers import max as max_of
from headrace.transform.analyzers import mean, mean_remainder, standard_deviation
from headrace.transform.analyzers import min as min_of
from headrace.transform.graph.composite import composite
from headrace.transform.mappers.headroom import find_headroom, keep_digits, scale_by
from headrace.transform.ops import where
from headrace.transform.tracing.column import Column, cast_to
from headrace.transform.tracing.promotion import holds_64_bits

__all__ = ["check_output_range", "divide_by_span", "scale_by_min_max", "scale_to_0_1", "scale_to_z_score"]


@composite
def scale_to_z_score(x: Column, elementwise: bool = False) -> Column:
    """Scale x to mean 0 and variance 1 over the data set: (x - mean) / standard deviation.

    A column whose values are all equal becomes 0.

    Args:
        x: A column of numbers; the result for integers is float32. NaN is ignored by the statistics and
            stays NaN.
        elementwise: Each place of a row has statistics of its own.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"x": [1.0, 2.0, 3.0]})
        >>> scaled = hr.transform.analyze(lambda x: {"x": hr.transform.scale_to_z_score(x["x"])}, [batch])
        >>> scaled(batch)["x"].to_pylist()
        [-1.224744871391589, 0.0, 1.224744871391589]
    """
    reduce, numbers = not elementwise, keep_digits(x)
    center, deviation = mean(numbers, reduce), standard_deviation(numbers, reduce)
    headroom = find_headroom(numbers.type, center, deviation)
    distance = scale_by(numbers, headroom) - scale_by(center, headroom)
    if holds_64_bits(numbers.type):
        distance = distance - mean_remainder(numbers, reduce)
    score = distance / scale_by(where(deviation > 0, deviation, 1.0), headroom)
    return cast_to(score, x.type.dtype if x.type.is_float else "float32")


def check_output_range(output_min: float, output_max: float) -> None:
    """Check the range that a column is scaled to.

    Raises:
        TraceError: `output_min` is not below `output_max`.
        UsageError: One of them is not a finite number.
    """
    if check_number(output_min, "output_min") >= check_number(output_max, "output_max"):
        raise TraceError(
            f"expected output_min < output_max, got {output_min} and {output_max}", hint="swap them"
        )


def divide_by_span(distance: Column, span: Column) -> Column:
    """Compute distance / span, or 0.5 where the span is not above 0; NaN stays NaN."""
    return distance / where(span > 0, span, math.inf) - where(span > 0, 0.0, -0.5)


@composite
def scale_by_min_max(
    x: Column, output_min: float = 0.0, output_max: float = 1.0, elementwise: bool = False
) -> Column:
    """Scale x linearly so that its extrema over the data set become `output_min` and `output_max`.

    A column whose values are all equal becomes the mean of both. Values outside the range of the analysed
    data are mapped outside [output_min, output_max]; `clip` limits them.

    Args:
        x: A column of numbers; the result for integers is float32.
        output_min: The result for the smallest value.
        output_max: The result for the largest value.
        elementwise: Each place of a row has extrema of its own.

    Raises:
        TraceError: `output_min` is not below `output_max`.
    """
    check_output_range(output_min, output_max)
    reduce, numbers = not elementwise, keep_digits(x)
    low, high = min_of(numbers, reduce), max_of(numbers, reduce)
    headroom = find_headroom(numbers.type, low, high)
    span = scale_by(high, headroom) - scale_by(low, headroom)
    distance = scale_by(numbers, headroom) - scale_by(low, headroom)
    unit = divide_by_span(distance, span)
    if (output_min, output_max) != (0.0, 1.0):
        unit = unit * (output_max - output_min) + output_min
    return cast_to(unit, x.type.dtype if x.type.is_float else "float32")


@composite
def scale_to_0_1(x: Column, elementwise: bool = False) -> Column:
    """Scale x linearly to [0, 1] by its extrema over the data set; see `scale_by_min_max`."""
    return scale_by_min_max(x, 0.0, 1.0, elementwise)
