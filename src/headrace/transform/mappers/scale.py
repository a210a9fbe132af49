"""Numbers brought to a common scale."""

from __future__ import annotations

from headrace.errors import TraceError
from headrace.transform.analyzers import max as max_of
from headrace.transform.analyzers import mean, var
from headrace.transform.analyzers import min as min_of
from headrace.transform.graph.composite import composite
from headrace.transform.ops import sqrt, where
from headrace.transform.tracing.column import Column, as_floats

__all__ = ["scale_by_min_max", "scale_to_0_1", "scale_to_z_score"]


@composite
def scale_to_z_score(x: Column, elementwise: bool = False) -> Column:
    """Compute (x - mean) / standard deviation, over the whole data set; 0 where all values are the same.

    Args:
        x: A column of numbers; integers become float32. NaN is left out of the statistics and stays NaN.
        elementwise: Whether each place in a row has statistics of its own.
    """
    x = as_floats(x)
    deviation = sqrt(var(x, reduce_instance_dims=not elementwise))
    return (x - mean(x, reduce_instance_dims=not elementwise)) / where(deviation > 0, deviation, 1.0)


@composite
def scale_by_min_max(
    x: Column, output_min: float = 0.0, output_max: float = 1.0, elementwise: bool = False
) -> Column:
    """Move and stretch x so that the data set's smallest value is `output_min`, its largest `output_max`.

    A column whose values are all the same becomes the middle of the two. In serving, values beyond the data
    set's go beyond the two as well; `clip` keeps them in.

    Args:
        x: A column of numbers; integers become float32.
        output_min: See above.
        output_max: See above.
        elementwise: Whether each place in a row has extremes of its own.

    Raises:
        TraceError: `output_min` is not below `output_max`.
    """
    if output_min >= output_max:
        raise TraceError(f"scaling to [{output_min}, {output_max}]", hint="give the smaller one first")
    x = as_floats(x)
    low = min_of(x, reduce_instance_dims=not elementwise)
    span = max_of(x, reduce_instance_dims=not elementwise) - low
    unit = where(span > 0, (x - low) / where(span > 0, span, 1.0), 0.5)
    return unit * (output_max - output_min) + output_min if (output_min, output_max) != (0.0, 1.0) else unit


@composite
def scale_to_0_1(x: Column, elementwise: bool = False) -> Column:
    """Move and stretch x to [0, 1] by the data set's extremes; see `scale_by_min_max`."""
    return scale_by_min_max(x, 0.0, 1.0, elementwise)
