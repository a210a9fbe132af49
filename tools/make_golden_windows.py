"""Write tests/golden/windows.json: TensorFlow's convolutions and pools of small images.

    python tools/make_golden_windows.py      # needs TensorFlow; made with 2.21.0

Images are [1, height, width, channels] with values `(7 * i) % 13 - 6`, kernels [height, width, in, out] with
values `(5 * i) % 7 - 3`, where i is the row-major index, so that only results need to be stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

GOLDEN = Path(__file__).parent.parent / "tests" / "golden"

# Height, width; kernel; stride; dilation.
WINDOWS = [
    ((13, 13), (6, 6), (5, 5), (1, 1)),
    ((5, 6), (3, 3), (1, 1), (1, 1)),
    ((5, 6), (3, 3), (2, 2), (1, 1)),
    ((6, 5), (2, 2), (1, 1), (1, 1)),
    ((7, 8), (4, 3), (2, 3), (1, 1)),
    ((8, 9), (1, 1), (2, 3), (1, 1)),
    ((6, 7), (5, 2), (1, 1), (1, 1)),
    ((9, 10), (3, 2), (1, 1), (2, 3)),
    ((11, 12), (3, 3), (2, 3), (2, 2)),
    ((10, 10), (2, 2), (3, 3), (1, 1)),
]


def image(height: int, width: int, channels: int) -> np.ndarray:
    """Generate a small image."""
    return (
        ((7 * np.arange(height * width * channels)) % 13 - 6).reshape(1, height, width, channels).astype("f4")
    )


def kernel(*shape: int) -> np.ndarray:
    """Generate a small kernel."""
    return ((5 * np.arange(np.prod(shape))) % 7 - 3).reshape(shape).astype("f4")


def row(op: str, result: Any, **arguments: Any) -> dict[str, Any]:
    """Return a case; the result is channels first, rounded to 7 digits."""
    values = np.moveaxis(np.asarray(result), -1, 1)
    flat = [float(f"{value:.7g}") for value in values.ravel()]
    return {"op": op, **arguments, "shape": list(values.shape), "result": flat}


def windows() -> Iterator[dict[str, Any]]:
    """Compute convolutions and pools."""
    for size, window, stride, dilation in WINDOWS:
        for padding in ("SAME", "VALID"):
            arguments = {"size": size, "kernel": window, "stride": stride, "padding": padding}
            result = tf.nn.conv2d(image(*size, 2), kernel(*window, 2, 2), stride, padding, dilations=dilation)
            yield row("conv", result, **arguments, dilation=dilation)
            if dilation == (1, 1):
                for op, pool in (("max", tf.nn.max_pool2d), ("avg", tf.nn.avg_pool2d)):
                    yield row(op, pool(image(*size, 1), window, stride, padding), **arguments)


def others() -> Iterator[dict[str, Any]]:
    """Compute separable convolutions, depthwise pools and local response normalisation."""
    for padding in ("SAME", "VALID"):
        separable = tf.nn.separable_conv2d(
            image(6, 7, 2), kernel(3, 3, 2, 2), kernel(1, 1, 4, 3), (1, 2, 2, 1), padding
        )
        yield row("separable", separable, padding=padding)
    depthwise = tf.nn.max_pool(image(3, 4, 6), (1, 1, 1, 3), (1, 1, 1, 3), "VALID")
    yield row("depthwise", depthwise)
    for r in (2, 5):
        normal = tf.nn.local_response_normalization(image(2, 3, 7), r // 2, 2.0, 0.1, 0.75)
        yield row("response", normal, r=r)


def main() -> None:
    """Write the file, one case per line."""
    rows = ",\n".join(json.dumps(case) for case in [*windows(), *others()])
    (GOLDEN / "windows.json").write_text(f'{{"tensorflow": "{tf.__version__}", "cases": [\n{rows}\n]}}\n')


if __name__ == "__main__":
    main()
