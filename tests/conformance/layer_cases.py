"""The cases on which every layer is compared between modes, by the name of its class.

A layer without cases fails the suite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from headrace import transform as t
from headrace.columns import ColumnType
from headrace.layers import (
    CategoryEncoding,
    CenterCrop,
    Discretization,
    HashedCrossing,
    Hashing,
    IntegerLookup,
    Normalization,
    PreprocessingLayer,
    PreprocessingStage,
    Rescaling,
    Resizing,
    StringLookup,
    TextVectorization,
)

__all__ = ["CASES", "LayerCase"]

TEXT = ColumnType("string")
TEXTS = ColumnType("string", ragged=True)
LISTS = ColumnType("int64", ragged=True)
FLOATS = ColumnType("float32", ragged=True)
LAST = {"data_format": "channels_last"}

WORDS = ["a", "é", "a", "", "日本語 テキスト", "the", "İSTANBUL ıIiİ", "é", "a", "\U0010ffff", "0", "Z", "Z"]
LIST_OF_WORDS = [["a", "é"], [], ["a", "", "0"], ["'quoted'", "\ufffd", "\ufffd"]]
SENTENCES = [
    "Hello, it's naïve",
    "hello; hello x",
    "A-B_c.d! ab ab",
    "",
    "ΑΣ ΑΣΑ Σ ς",
    "a",
    "日本語 テキスト Å",
    "\t",
]
NUMBERS = [0, -1, 7, 7, 3, 2**31, 2**53 + 1, -1, -1, 2, 2]
TABLE = [[0.5, -2.0, 1e6], [1.5, 4.0, -1e6], [np.nan, 4.0, 3.0]]


@dataclass(frozen=True, eq=False)
class LayerCase:
    """A layer and its inputs.

    Attributes:
        make: Makes a new layer.
        columns: The types of its columns.
        sample: The data to adapt it to; None if it does not need any.
        late: `analyze` can compute its statistics, too.
        numeric: It runs in torch.
        strings: Strings to add to the generated values of string columns.
        ulps: The allowed distance of floats from NumPy's, by runtime.
    """

    make: Callable[[], PreprocessingLayer]
    columns: list[ColumnType]
    sample: Any = None
    late: bool = True
    numeric: bool = False
    strings: tuple[str, ...] = ()
    ulps: Mapping[str, int] = field(default_factory=dict)
    op: None = None  # a layer is a graph of several ops

    def __str__(self) -> str:
        layer = self.make()
        shown = {name: value for name, value in vars(layer).items() if name[0] != "_" and value is not None}
        kept = {name: value for name, value in shown.items() if name not in ("training", "name")}
        return f"{type(layer).__name__}({kept})({', '.join(map(str, self.columns))})"


def _of(dtype: str, *shape: int) -> ColumnType:
    return ColumnType(dtype, shape)


def _number(make: Callable[[], PreprocessingLayer], *columns: ColumnType, **options: Any) -> LayerCase:
    return LayerCase(make, list(columns), numeric=not any(each.ragged for each in columns), **options)


def _normalization() -> list[LayerCase]:
    image = np.arange(48).reshape(2, 2, 3, 4).astype(np.float32) ** 2
    rows = _of("float32", 3)
    known = {"mean": [1.0, 0.5, -3.0], "variance": [4.0, 0.0, 2.0]}
    return [
        _number(lambda: Normalization(), rows, sample=TABLE),
        _number(lambda: Normalization(invert=True), rows, sample=TABLE),
        _number(lambda: Normalization(axis=None), rows, sample=TABLE),
        _number(lambda: Normalization(**known), rows),
        _number(lambda: Normalization(), _of("int64"), sample=NUMBERS),
        _number(lambda: Normalization(axis=1), _of("float32", 2, 3, 4), sample=image),
        _number(lambda: Normalization(axis=(-1, 1)), _of("float32", 2, 3, 4), sample=image),
        LayerCase(lambda: Normalization(axis=None), [FLOATS], [[1.0], [], [2.0, 7.5]]),
    ]


def _discretization() -> list[LayerCase]:
    edges = [-1.5, 0.0, 0.1, 255.9, 2.0**31]
    return [
        _number(lambda: Discretization(edges), _of("float32")),
        _number(lambda: Discretization(num_bins=4), _of("float32"), sample=np.arange(50) ** 1.5 - 20),
        _number(lambda: Discretization(num_bins=3), _of("int32"), sample=[5, 1, 9, 300]),
        _number(lambda: Discretization(edges, output_mode="one_hot"), _of("float32", 3)),
        _number(lambda: Discretization(edges, output_mode="one_hot"), _of("float32", 1)),
        LayerCase(lambda: Discretization(edges), [FLOATS]),
        LayerCase(lambda: Discretization(edges, output_mode="multi_hot"), [FLOATS]),
        LayerCase(lambda: Discretization(edges, output_mode="count"), [_of("float32", 3)]),
    ]


def _category_encoding() -> list[LayerCase]:
    integers = [_of("int64"), _of("int32", 1), _of("uint8", 3)]
    return [
        *(_number(lambda: CategoryEncoding(4, "one_hot"), each) for each in integers),
        *(LayerCase(lambda: CategoryEncoding(4), [each]) for each in (*integers, LISTS)),
        *(LayerCase(lambda: CategoryEncoding(4, "count"), [each]) for each in (*integers, LISTS)),
        LayerCase(lambda: CategoryEncoding(2, "count"), [LISTS, FLOATS]),
    ]


def _hashing() -> list[LayerCase]:
    given = [TEXT, TEXTS, _of("int64"), _of("int8", 3), LISTS, _of("float32"), FLOATS]
    return [
        *(LayerCase(lambda: Hashing(7), [each]) for each in given),
        LayerCase(lambda: Hashing(7, mask_value="", salt=(3, 4)), [TEXTS]),
        LayerCase(lambda: Hashing(7, mask_value=-1, salt=9), [_of("int64")]),
        LayerCase(lambda: Hashing(7, output_mode="one_hot"), [TEXT]),
        LayerCase(lambda: Hashing(7, output_mode="one_hot"), [_of("int8", 3)]),
        LayerCase(lambda: Hashing(7, output_mode="multi_hot"), [TEXTS]),
        LayerCase(lambda: Hashing(7, output_mode="count"), [LISTS]),
    ]


def _hashed_crossing() -> list[LayerCase]:
    return [
        LayerCase(lambda: HashedCrossing(7), [TEXT, _of("int64")]),
        LayerCase(lambda: HashedCrossing(7, "one_hot"), [TEXT, TEXT, _of("uint8")]),
        LayerCase(lambda: HashedCrossing(7), [_of("int32", 1), _of("int64", 1)]),
    ]


def _string_lookup() -> list[LayerCase]:
    padded = {"max_tokens": 6, "pad_to_max_tokens": True}
    weights = {"vocabulary": ["a", "é", "0"], "idf_weights": [0.5, 0.1, 3.0]}
    vectors = ["multi_hot", "count", "tf_idf"]
    return [
        LayerCase(lambda: StringLookup(), [TEXT], WORDS),
        LayerCase(lambda: StringLookup(mask_token="", num_oov_indices=3, max_tokens=7), [TEXTS], WORDS),
        LayerCase(lambda: StringLookup(num_oov_indices=0, mask_token="a"), [TEXTS], LIST_OF_WORDS),
        LayerCase(lambda: StringLookup(vocabulary=["İ", "", "a b"]), [TEXT]),
        LayerCase(lambda: StringLookup(output_mode="one_hot", mask_token=""), [TEXT], WORDS, late=False),
        LayerCase(lambda: StringLookup(output_mode="one_hot", **padded), [TEXT], WORDS),
        *(LayerCase(lambda mode=mode: StringLookup(output_mode=mode, num_oov_indices=2), [TEXTS],
                    LIST_OF_WORDS, late=False) for mode in vectors),
        *(LayerCase(lambda mode=mode: StringLookup(output_mode=mode, **padded), [TEXTS], LIST_OF_WORDS,
                    late=mode != "tf_idf") for mode in vectors),
        LayerCase(lambda: StringLookup(output_mode="tf_idf", **weights, **padded), [TEXT]),
        LayerCase(lambda: StringLookup(invert=True), [_of("int64")], WORDS, late=False),
        LayerCase(lambda: StringLookup(invert=True, mask_token="", vocabulary=["b", "\n"]), [LISTS]),
    ]  # fmt: skip


def _integer_lookup() -> list[LayerCase]:
    padded = {"max_tokens": 6, "pad_to_max_tokens": True}
    vectors = ["multi_hot", "count", "tf_idf"]
    rows = _of("int64", 3)
    sample, lists = [[0, 7, -1], [3, 3, 2], [2**53 + 1, 7, 0]], [[1, 2], [], [3, 3]]
    return [
        _number(lambda: IntegerLookup(), _of("int64"), sample=NUMBERS),
        _number(lambda: IntegerLookup(mask_token=0, num_oov_indices=3, max_tokens=8), rows, sample=sample),
        _number(lambda: IntegerLookup(num_oov_indices=0, vocabulary=[2**62, 255, -128, 3]), _of("int8")),
        _number(lambda: IntegerLookup(num_oov_indices=0, vocabulary=[255, 3]), _of("uint32", 2)),
        _number(lambda: IntegerLookup(output_mode="one_hot", mask_token=7), rows, sample=sample, late=False),
        _number(lambda: IntegerLookup(invert=True, mask_token=0), rows, sample=sample, late=False),
        LayerCase(lambda: IntegerLookup(), [LISTS], lists),
        *(LayerCase(lambda mode=mode: IntegerLookup(output_mode=mode, **padded), [LISTS], lists,
                    late=mode != "tf_idf") for mode in vectors),
        *(LayerCase(lambda mode=mode: IntegerLookup(output_mode=mode, num_oov_indices=2), [rows], sample,
                    late=False) for mode in vectors),
    ]  # fmt: skip


def _text_vectorization() -> list[LayerCase]:
    own = {"standardize": lambda x: t.regex_replace(x, "[!-/]", "_"), "split": lambda x: t.tokenize(x)}
    ways: list[dict[str, Any]] = [
        {},
        {"standardize": "lower", "split": "character", "output_sequence_length": 5},
        {"standardize": "strip_punctuation", "output_sequence_length": 3, "max_tokens": 6},
        {"standardize": None, "ngrams": 2},
        {"ngrams": (3, 1), "output_sequence_length": 4},
        {"output_mode": "multi_hot", "max_tokens": 9, "pad_to_max_tokens": True},
        own,
    ]
    late = [{"output_mode": mode, "ngrams": 2} for mode in ("multi_hot", "count", "tf_idf")]
    return [
        *(LayerCase(lambda way=way: TextVectorization(**way), [TEXT], SENTENCES) for way in ways),
        *(LayerCase(lambda way=way: TextVectorization(**way), [TEXT], SENTENCES, late=False) for way in late),
        LayerCase(lambda: TextVectorization(split=None), [TEXTS], LIST_OF_WORDS),
        LayerCase(lambda: TextVectorization(vocabulary=["ab", "naïve"], idf="log_df", output_mode="tf_idf",
                                            idf_weights=[0.2, 7.0]), [TEXT]),
    ]  # fmt: skip


def _images(*makes: Callable[[], PreprocessingLayer], first: bool) -> list[LayerCase]:
    shape = (2, 5, 4) if first else (5, 4, 2)
    return [_number(make, _of(dtype, *shape)) for make in makes for dtype in ("float32", "uint8")]


CASES: dict[str, list[LayerCase]] = {
    "CategoryEncoding": _category_encoding(),
    "CenterCrop": [
        *_images(lambda: CenterCrop(2, 3), lambda: CenterCrop(6, 3), first=True),
        *_images(lambda: CenterCrop(2, 3, **LAST), lambda: CenterCrop(3, 7, **LAST), first=False),
    ],
    "Discretization": _discretization(),
    "HashedCrossing": _hashed_crossing(),
    "Hashing": _hashing(),
    "IntegerLookup": _integer_lookup(),
    "Normalization": _normalization(),
    "PreprocessingStage": [
        _number(
            lambda: PreprocessingStage([Normalization(), Discretization(num_bins=3)]),
            _of("float32", 3),
            sample=TABLE,
        ),
        LayerCase(
            lambda: PreprocessingStage([StringLookup(), IntegerLookup(vocabulary=[2, 1])]), [TEXTS], WORDS
        ),
    ],
    "Rescaling": [
        _number(lambda: Rescaling(1 / 255, offset=-0.5), _of("uint8", 2, 2)),
        _number(lambda: Rescaling([0.1, 3.0], offset=[0.0, 1e9]), _of("float32", 2)),
        LayerCase(lambda: Rescaling(1 / 3), [LISTS]),
    ],
    "Resizing": [
        *_images(
            lambda: Resizing(3, 7),
            lambda: Resizing(2, 2, antialias=True),
            lambda: Resizing(3, 3, "nearest"),
            lambda: Resizing(2, 4, crop_to_aspect_ratio=True),
            first=True,
        ),
        *_images(lambda: Resizing(3, 7, **LAST), lambda: Resizing(9, 2, "nearest", **LAST), first=False),
    ],
    "StringLookup": _string_lookup(),
    "TextVectorization": _text_vectorization(),
}
