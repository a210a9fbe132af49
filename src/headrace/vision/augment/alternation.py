"""Which images of an epoch an alternating flip swaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from headrace.arguments import check_integer
from headrace.errors import UsageError
from headrace.random_order import random_source
from headrace.vision.augment.batch import as_tensor

__all__ = ["alternate_images"]

_MOST_VALUES = 4096  # of an image that are hashed, so that the time of a large image is bounded


def alternate_images(images: Any, epoch: int | None) -> NDArray[np.bool_]:
    """Return which images of an epoch are swapped: about half, and the others in the next epoch.

    A hash of the values of an image as float32 decides, so that an image is known again in any order, batch
    and process. The hash is exact on every device.

    Args:
        images: A float or uint8 tensor or array [N, channels, height, width].
        epoch: The epoch, from 0.

    Returns:
        bool [N].

    Raises:
        UsageError: The epoch is None, or not an integer of at least 0.
    """
    if epoch is None:
        raise UsageError("Flip alternates by epochs, and got none", hint="pass the epoch, from 0: epoch=0")
    is_odd = check_integer(epoch, "epoch") % 2 == 1
    tensor = as_tensor(images)
    values = tensor.flatten(1)
    values = values[:, :: -(-values.shape[1] // _MOST_VALUES)].float().contiguous()
    factors = torch.from_numpy(random_source(0).random_raw(values.shape[1]).view(np.int64) | 1)
    sums = (values.view(torch.int32) * factors.to(values.device)).sum(dim=1)  # modulo 2^64
    return (sums < 0).cpu().numpy() ^ is_odd
