"""Invalid arguments of every layer are rejected, most of them by the constructor."""

import pytest

from headrace.errors import UsageError
from headrace.layers import (
    CategoryEncoding,
    CenterCrop,
    Discretization,
    HashedCrossing,
    Hashing,
    Normalization,
    Resizing,
    StringLookup,
    TextVectorization,
)


@pytest.mark.parametrize(
    "make",
    [
        lambda: CategoryEncoding(0),
        lambda: CategoryEncoding(2, output_mode="int"),
        lambda: Hashing(0),
        lambda: Hashing(2, salt=(1, 2, 3)),  # pyright: ignore[reportArgumentType]
        lambda: Hashing(2, output_mode="tf_idf"),
        lambda: HashedCrossing(2, output_mode="count"),
        lambda: HashedCrossing(0),
        lambda: Normalization(mean=1.0),
        lambda: Normalization(axis=0),
        lambda: Normalization(mean=[1.0, 2.0], variance=1.0),
        lambda: Resizing(0, 2),
        lambda: Resizing(2, 2, "bicubic"),
        lambda: CenterCrop(2, 0),
        lambda: CenterCrop(2, 2, data_format="last"),
        lambda: Discretization(),
        lambda: Discretization([1.0], num_bins=2),
        lambda: Discretization([1.0], output_mode="tf_idf")([1.0]),
        lambda: StringLookup(vocabulary=["a", "b"], max_tokens=2),
        lambda: StringLookup(vocabulary=["a", ""], mask_token=""),
        lambda: StringLookup(vocabulary=[1]),  # pyright: ignore[reportArgumentType]
        lambda: StringLookup(vocabulary=["a"], output_mode="tf_idf"),
        lambda: StringLookup(vocabulary=["a"], idf_weights=[1.0]),
        lambda: StringLookup(vocabulary=["a"], output_mode="tf_idf", idf_weights=[1.0, 2.0, 3.0]),
        lambda: StringLookup(idf_weights=[1.0], output_mode="tf_idf"),
        lambda: StringLookup(output_mode="tfidf"),
        lambda: StringLookup(invert=True, output_mode="count"),
        lambda: StringLookup(pad_to_max_tokens=True),
        lambda: StringLookup(num_oov_indices=-1),
        lambda: StringLookup(idf="log"),
        lambda: TextVectorization(standardize="upper"),
        lambda: TextVectorization(split="words"),
        lambda: TextVectorization(output_mode="one_hot"),
        lambda: TextVectorization(output_mode="count", output_sequence_length=3),
    ],
)
def test_invalid_arguments_are_rejected(make) -> None:
    with pytest.raises(UsageError):
        make()
