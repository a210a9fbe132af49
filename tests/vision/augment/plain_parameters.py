"""Parameters of a batch that change nothing."""

from typing import Any

import numpy as np

from headrace.vision.augment.evaluation import BatchParameters


def parameters(shape: Any, **changes: Any) -> BatchParameters:
    """Parameters for images of a shape, with some of them changed."""
    count, _, height, width = shape
    plain: dict[str, Any] = {
        "maps": None,
        "size": (height, width),
        "blocks": (1, 1),
        "nearest": False,
        "ops": np.zeros((0, count), np.uint8),
        "values": np.zeros((0, count, 1), np.float32),
        "holes": np.zeros((0, count, 4), np.int64),
        "hole_values": (),
        "fill": "edge",
        "limits": None,
    }
    return BatchParameters(**{**plain, **changes})
