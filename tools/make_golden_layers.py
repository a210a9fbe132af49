"""Write tests/golden/layers.json: outputs of Keras's preprocessing layers.

    python tools/make_golden_layers.py      # with an interpreter that has TensorFlow and Keras; made with
                                            # 2.21.0 and 3.15.1

Each case is a layer's name and arguments, the data it is adapted to (null for none), its input, and Keras's
output: numbers and strings, or null if Keras fails. "images" refers to the images at the top of the file,
which are [height, width, channels].
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np

GOLDEN = Path(__file__).parent.parent / "tests" / "golden"

TEXTS = [
    "Hello, World! it's a World",
    "İSTANBUL Istanbul ÉTÉ été",
    "a\tb\u00a0c \u2028 d_e-f",
    "",
    "!?",
    "日本語 テキスト 😀 ß",
]
WORDS = ["a", "é", "", "z", "b", "İ", "a"]
VOCABULARY = ["b", "a", "é"]
ROWS = [["a", "b", "a"], ["z", "", "é"], ["y", "z", "b"]]
NUMBERS = [12, 7, -3, 0, 36, 1138, -12]
TABLE = [[1.0, 20.0, -3.0], [4.0, 25.0, 0.5], [7.0, 20.0, 0.25]]
IMAGES = (np.arange(24).reshape(1, 3, 4, 2) * 37 % 101).tolist()
MODES = ("one_hot", "multi_hot", "count")


def case(name: str, arguments: dict[str, Any], given: Any, adapt: Any = None, **call: Any) -> dict[str, Any]:
    """Run a layer; return the case."""
    layer = getattr(keras.layers, name)(**arguments)
    try:
        if adapt is not None:
            layer.adapt(_to_input(adapt))
        expected = _plain(layer(_to_input(given), **{key: _to_input(value) for key, value in call.items()}))
    except Exception as error:  # any failure of Keras is recorded
        print(f"{name} {arguments} fails: {str(error)[:100]!r}")
        expected = None
    found = {"layer": name, "arguments": arguments, "given": given, "expected": expected}
    if adapt is not None:
        found["adapt"] = adapt
        if hasattr(layer, "get_vocabulary"):
            found["vocabulary"] = _plain(np.array(layer.get_vocabulary()))
    return found | ({"call": call} if call else {})


def _to_input(value: Any) -> Any:
    if isinstance(value, str):
        return np.array(IMAGES, np.float32)
    if isinstance(value, tuple):
        return tuple(map(_to_input, value))
    array = np.array(value)
    return array.astype("float32") if array.dtype == np.float64 else array


def _plain(value: Any) -> Any:
    array = np.asarray(value)
    if array.dtype == object:
        return [_plain(each) if isinstance(each, np.ndarray) else each.decode() for each in array]
    return [str(each) for each in array] if array.dtype.kind in "US" else _numbers(array)


def _numbers(array: np.ndarray) -> Any:
    if array.ndim:
        return [_numbers(each) for each in array]
    return float(f"{array:.8g}") if array.dtype.kind == "f" else int(array)


def encodings() -> list[dict[str, Any]]:
    """Encode indices as vectors."""
    rows, weights = [[0, 1], [0, 0], [1, 2], [3, 1]], [[0.1, 0.2], [0.1, 0.1], [0.2, 0.3], [0.4, 0.2]]
    four = {"num_tokens": 4}
    return [
        case("CategoryEncoding", {**four, "output_mode": "one_hot"}, [3, 2, 0, 1]),
        case("CategoryEncoding", {**four, "output_mode": "one_hot"}, [[3], [2]]),
        case("CategoryEncoding", {**four, "output_mode": "one_hot"}, rows),
        case("CategoryEncoding", {**four, "output_mode": "multi_hot"}, rows),
        case("CategoryEncoding", {**four, "output_mode": "count"}, rows),
        case("CategoryEncoding", {**four, "output_mode": "count"}, rows, count_weights=weights),
        case("CategoryEncoding", {**four, "output_mode": "multi_hot"}, [3, 2, 2]),
        case("CategoryEncoding", {**four, "output_mode": "count"}, [[3, 4]]),
    ]


def hashes() -> list[dict[str, Any]]:
    """Hash values into bins."""
    return [
        case("Hashing", {"num_bins": 5}, WORDS),
        case("Hashing", {"num_bins": 5, "mask_value": ""}, WORDS),
        case("Hashing", {"num_bins": 5, "mask_value": 7}, NUMBERS),
        case("Hashing", {"num_bins": 5, "salt": 7}, WORDS),
        case("Hashing", {"num_bins": 1}, WORDS),
        case("Hashing", {"num_bins": 1, "output_mode": "count"}, ROWS),
        case("HashedCrossing", {"num_bins": 7}, (WORDS, NUMBERS)),
        case("HashedCrossing", {"num_bins": 1, "output_mode": "one_hot"}, (WORDS, NUMBERS)),
    ]


def lookups() -> list[dict[str, Any]]:
    """Look up tokens and indices."""
    words, numbers = {"vocabulary": VOCABULARY}, {"vocabulary": [12, 36, -3]}
    weights = {"output_mode": "tf_idf", "idf_weights": [0.25, 0.5, 1.0]}
    padded = {"max_tokens": 6, "pad_to_max_tokens": True}
    modes = [{"output_mode": mode} for mode in MODES]
    integers = [[12, 36, 12], [7, 0, -3], [-5, 7, 36]]
    counted = [["a", "b", "a"], ["b", "c", "a"], ["d", "a", "c"]]
    return [
        case("StringLookup", words, WORDS),
        case("StringLookup", {**words, "mask_token": ""}, ROWS),
        case("StringLookup", {**words, "num_oov_indices": 2}, WORDS),
        case("StringLookup", {**words, "num_oov_indices": 0}, ["a", "b"]),
        case("StringLookup", {**words, "num_oov_indices": 0}, ["a", "z"]),
        case("StringLookup", {"vocabulary": ["", "[UNK]", "b", "a"], "mask_token": ""}, WORDS),
        *(case("StringLookup", {**words, **mode, "mask_token": ""}, ROWS) for mode in modes),
        *(case("StringLookup", {**words, **mode, **padded}, ROWS) for mode in modes),
        case("StringLookup", {**words, **weights}, ROWS),
        case("StringLookup", {**words, **weights, **padded}, ROWS),
        case("StringLookup", {**words, "invert": True, "mask_token": ""}, [0, 1, 2, 4, 9]),
        case("StringLookup", {}, WORDS, ["b", "a", "b", "é", "b", "é"]),
        case("StringLookup", {"max_tokens": 2}, WORDS, ["b", "a", "b"]),
        case("StringLookup", {}, WORDS, ["a", "b"]),
        case("StringLookup", {}, WORDS, ["", "", "b"]),
        case("StringLookup", {"output_mode": "tf_idf"}, ROWS, counted),
        case("IntegerLookup", numbers, NUMBERS),
        case("IntegerLookup", {**numbers, "mask_token": 0, "num_oov_indices": 3}, NUMBERS),
        *(case("IntegerLookup", {**numbers, **mode, "mask_token": 0}, integers) for mode in modes),
        case("IntegerLookup", {**numbers, **weights}, integers),
        case("IntegerLookup", {**numbers, "invert": True, "mask_token": 0}, [0, 1, 2, 4, 9, -1]),
        case("IntegerLookup", {"mask_token": 0}, NUMBERS, [7, -3, 7, 0, 0, 0, 7, -3, 12]),
        case("IntegerLookup", {"output_mode": "tf_idf"}, integers, integers),
    ]


def texts() -> list[dict[str, Any]]:
    """Vectorize texts."""
    words = ["world", "a", "istanbul", "été", "World", "it's", "its", "日", "a b", "World!"]
    vocabulary = {"vocabulary": words}
    wide = {"max_tokens": 13, "pad_to_max_tokens": True}
    standard = ["lower_and_strip_punctuation", "lower", "strip_punctuation", None]
    sample = ["a b a", "b c, a", "A d"]
    long = {"output_sequence_length": 7}
    return [
        *(case("TextVectorization", {**vocabulary, **long, "standardize": each}, TEXTS) for each in standard),
        case("TextVectorization", {**vocabulary, **long, "split": "character"}, TEXTS),
        case("TextVectorization", {"vocabulary": ["hello world its a world"], "split": None}, TEXTS),
        case("TextVectorization", {**vocabulary, **long, "ngrams": 2}, ["a b a", "b", ""]),
        case("TextVectorization", {**vocabulary, **long, "ngrams": (2, 1)}, ["a b a", "b", ""]),
        case("TextVectorization", {**vocabulary, "output_sequence_length": 2}, ["a b a", "b", ""]),
        case("TextVectorization", {**vocabulary}, ["a b a", "b", ""]),
        *(case("TextVectorization", {**vocabulary, **wide, "output_mode": mode}, TEXTS)
          for mode in ("multi_hot", "count")),
        case("TextVectorization", {"output_mode": "tf_idf"}, ["a a z", ""], sample),
        case("TextVectorization", {"output_mode": "tf_idf", "max_tokens": 9, "pad_to_max_tokens": True,
             "vocabulary": ["a", "b"], "idf_weights": [0.5, 1.5]}, ["a a z", "b"]),
        case("TextVectorization", {"max_tokens": 4, **long}, ["a b c", ""], ["a b a", "b, a", ""]),
    ]  # fmt: skip


def numbers() -> list[dict[str, Any]]:
    """Scale and discretize numbers."""
    edges = {"bin_boundaries": [0.0, 1.0, 2.5]}
    ones = [1.0, 1.0, 1.0, 1.0]
    values = [[-1.5, 0.0, 3.4], [1.0, 2.5, 0.99]]
    return [
        case("Normalization", {}, TABLE, TABLE),
        case("Normalization", {"axis": None}, TABLE, TABLE),
        case("Normalization", {"invert": True}, [[0.0, 1.0, -1.0]], TABLE),
        case("Normalization", {}, "images", "images"),
        case("Normalization", {"axis": 1}, "images", "images"),
        case("Normalization", {"axis": (1, -1)}, "images", "images"),
        case("Normalization", {"mean": 3.0, "variance": 2.0}, TABLE),
        case("Normalization", {"mean": [1.0, 2.0, 3.0], "variance": [4.0, 0.0, 1.0]}, TABLE),
        case("Normalization", {"axis": (1, 2), "mean": [1.0, 2.0, 3.0, 4.0], "variance": ones}, "images"),
        case("Discretization", edges, values),
        *(case("Discretization", {**edges, "output_mode": mode}, values) for mode in MODES),
        case("Discretization", edges, [[float("-inf"), float("inf"), float("nan")]]),
        case("Discretization", {"num_bins": 3}, [[0.0, 4.5, 9.0]], [[float(i)] for i in range(10)]),
        case("Rescaling", {"scale": 0.25, "offset": -1.0}, [[0, 4, 8]]),
        case("Rescaling", {"scale": [0.5, 2.0], "offset": [0.0, 1.0]}, [[1.0, 3.0]]),
    ]  # fmt: skip


def images() -> list[dict[str, Any]]:
    """Resize and crop images, [height, width, channels]."""
    last = {"data_format": "channels_last"}
    sizes = [{"height": 2, "width": 6}, {"height": 5, "width": 2}, {"height": 2, "width": 2}]
    options = [{}, {"interpolation": "nearest"}, {"antialias": True}, {"crop_to_aspect_ratio": True}]
    crops = [(2, 2), (3, 3), (1, 4), (5, 2), (6, 6)]
    return [
        *(case("Resizing", {**size, **option, **last}, "images") for size in sizes for option in options),
        *(case("CenterCrop", {"height": h, "width": w, **last}, "images") for h, w in crops),
    ]


def main() -> None:
    """Write the file."""
    parts = [encodings, hashes, lookups, texts, numbers, images]
    cases = [each for part in parts for each in part()]
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in cases)
    text = f'{{"images": {json.dumps(IMAGES)}, "cases": [\n{lines}\n]}}\n'
    (GOLDEN / "layers.json").write_text(text, encoding="utf-8")
    print(f"{len(cases)} cases")


if __name__ == "__main__":
    main()
