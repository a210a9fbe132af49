"""What the compiled module offers; the sources lie beside this file."""

import numpy as np
from numpy.typing import NDArray

def tokenize(
    offsets: NDArray[np.int32],
    data: NDArray[np.uint8] | bytes,
    token_bytes: NDArray[np.uint8],
    lower_ascii: bool,
) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int64]]:
    """Splits each string into the maximal runs of bytes for which `token_bytes` is not zero.

    Args:
        offsets: Arrow's offsets of the strings in `data`, [strings + 1]; they may start above 0.
        data: The strings' bytes.
        token_bytes: 256 entries; byte b belongs to tokens if entry b is not zero.
        lower_ascii: Turn A-Z into a-z; other bytes stay.

    Returns:
        The tokens' bytes end to end; their offsets, [tokens + 1]; for each string its first token's index,
        [strings + 1].

    Raises:
        ValueError: Offsets that fall or leave `data`, or a table that has not 256 entries.
    """

def murmur3_32(offsets: NDArray[np.int32], data: NDArray[np.uint8] | bytes, seed: int) -> NDArray[np.uint32]:
    """MurmurHash3_x86_32 of each string's bytes, as ONNX Runtime's `MurmurHash3` gives it with positive=1.

    Args:
        offsets: Arrow's offsets of the strings in `data`, [strings + 1].
        data: The strings' bytes.
        seed: From 0 to 2**32 - 1.

    Raises:
        ValueError: Offsets that fall or leave `data`.
    """
