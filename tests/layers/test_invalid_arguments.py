"""Invalid arguments of every layer are rejected, most of them by the constructor."""

from typing import Any

import numpy as np
import pytest

from headrace.errors import UsageError
from headrace.layers import (
    CategoryEncoding,
    CenterCrop,
    Discretization,
    HashedCrossing,
    Hashing,
    Normalization,
    PreprocessingStage,
    Rescaling,
    Resizing,
    StringLookup,
    TextVectorization,
    idf_weights,
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
        lambda: Normalization(name=3),  # pyright: ignore[reportArgumentType]
        lambda: Normalization(name=np.array([1, 2])),  # pyright: ignore[reportArgumentType]
        lambda: Normalization(name="\ud800"),
        lambda: Discretization(np.array(3)),
        lambda: PreprocessingStage(None),  # pyright: ignore[reportArgumentType]
        lambda: Rescaling(10**400),
        lambda: idf_weights("x", idf="log_df"),
    ],
)
def test_invalid_arguments_are_rejected(make) -> None:
    with pytest.raises(UsageError):
        make()


@pytest.mark.parametrize(
    ("make", "values", "message"),
    [
        (CategoryEncoding, [0, 2.0, True, None, "2"], "num_tokens"),
        (HashedCrossing, [0, 2.5, None], "num_bins"),
        (Hashing, [0, 2.5, None, True], "num_bins"),
        (lambda value: Hashing(2, salt=value), ["1", 1.5, (), (1, "2"), True, (1, 2, 3)], "salt"),
        (lambda value: Hashing(2, mask_value=value), [["a"], float("nan"), True], "mask_value"),
        (
            lambda value: Hashing(2, output_mode=value),
            ["One_Hot", "sum", None, 1],
            "output_mode: expected one of",
        ),
        (lambda value: Discretization(num_bins=value), [0, 2.5, "4", True], "num_bins"),
        (lambda value: Discretization(num_bins=2, epsilon=value), [0, -1, "x"], "epsilon"),
        (Discretization, ["12", [], [2, 1], [1, 1], [1, float("nan")], [1, "2"], 3.5], "bin_boundaries"),
        (lambda value: Resizing(value, 2), [0, 2.0, None, True], "height"),
        (lambda value: Resizing(2, value), [-1, "2"], "width"),
        (
            lambda value: Resizing(2, 2, value),
            ["bicubic", "Bilinear", None],
            "interpolation: expected one of",
        ),
        (lambda value: Resizing(2, 2, antialias=value), [1, "yes"], "antialias"),
        (lambda value: Resizing(2, 2, crop_to_aspect_ratio=value), [None], "crop_to_aspect_ratio"),
        (lambda value: CenterCrop(2, value), [0, 1.5], "width"),
        (lambda value: CenterCrop(2, 2, data_format=value), ["NCHW", True, ["channels_last"]], "data_format"),
        (lambda value: StringLookup(max_tokens=value), [0, -1, 5.0, "5"], "max_tokens"),
        (lambda value: StringLookup(num_oov_indices=value), [-1, 1.0, None, True], "num_oov_indices"),
        (lambda value: StringLookup(invert=value), [1, "no"], "invert"),
        (lambda value: StringLookup(max_tokens=9, pad_to_max_tokens=value), [1, None], "pad_to_max_tokens"),
        (lambda value: StringLookup(idf=value), ["log", None], "idf: expected one of"),
        (lambda value: Normalization(invert=value), [1, None], "invert"),
        (lambda value: TextVectorization(ngrams=value), [0, 2.5, "2", (), (2, 2), (0,), True], "ngrams"),
        (
            lambda value: TextVectorization(output_sequence_length=value),
            [0, -1, 2.5, True],
            "output_sequence_length",
        ),
        (lambda value: TextVectorization(standardize=value), ["Lower", 3, ["lower"]], "standardize"),
        (lambda value: TextVectorization(split=value), ["char", 3], "split"),
        (lambda value: idf_weights([1], value), [-1, "2", float("nan")], "num_documents"),
        (
            lambda value: PreprocessingStage([value]),
            [Normalization, "lower", None],
            "layers: expected a preprocessing",
        ),
    ],
)
def test_unknown_strings_types_and_ranges_name_the_argument(make, values: list[Any], message: str) -> None:
    for value in values:
        with pytest.raises(UsageError, match=message):
            make(value)


def test_numpy_s_integers_are_sizes_and_seeds() -> None:
    assert CategoryEncoding(np.int64(3))([[0, 2]]).tolist() == [[1, 0, 1]]  # pyright: ignore
    assert Hashing(np.int32(5), salt=np.int64(1))(["a"]).tolist() == Hashing(5, salt=1)(["a"]).tolist()  # pyright: ignore
    assert Discretization(np.array([1.0, 2.0]))([1.5]).tolist() == [1]  # pyright: ignore
    assert StringLookup(max_tokens=np.int64(3), vocabulary=["a"])(["a"]).tolist() == [1]  # pyright: ignore
