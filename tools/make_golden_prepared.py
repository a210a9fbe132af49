"""Write tests/golden/prepared/: folders of TensorFlow Datasets, one for each kind of feature, and values.

    pip install tensorflow-datasets==4.9.10 tensorflow-cpu==2.21.0     # in an environment of its own
    python tools/make_golden_prepared.py

`values.json` holds the rows of each data set as TensorFlow Datasets reads them; null is a missing value.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow_datasets as tfds

GOLDEN = Path(__file__).parents[1] / "tests" / "golden" / "prepared"
F = tfds.features
RANDOM = np.random.default_rng(0)
ROWS = 3  # of the training split; the last two are the test split


def pixels(height: int, width: int, channels: int = 3, dtype: Any = np.uint8) -> np.ndarray:
    """Draw pixels."""
    if np.issubdtype(dtype, np.floating):
        return RANDOM.random((height, width, channels)).astype(dtype)
    return RANDOM.integers(0, np.iinfo(dtype).max, (height, width, channels), dtype=dtype)


NAMES = F.ClassLabel(names=["cat", "dog", "owl"])
CASES: dict[str, tuple[dict[str, Any], Any]] = {
    "image_png": (
        {"image": F.Image(shape=(6, 5, 3)), "label": NAMES},
        lambda i: {"image": pixels(6, 5), "label": ["cat", "dog", "owl"][i]},
    ),
    "image_gray": ({"image": F.Image(shape=(4, 4, 1))}, lambda _: {"image": pixels(4, 4, 1)}),
    "image_any": (
        {"image": F.Image(encoding_format="png"), "label": F.ClassLabel(num_classes=3)},
        lambda i: {"image": pixels(4 + i, 5), "label": i},
    ),
    "image_uint16": (
        {"image": F.Image(shape=(4, 4, 1), dtype=np.uint16)},
        lambda _: {"image": pixels(4, 4, 1, np.uint16)},
    ),
    "image_float": (
        {"image": F.Image(shape=(4, 4, 1), dtype=np.float32)},
        lambda _: {"image": pixels(4, 4, 1, np.float32)},
    ),
    "image_list": (
        {"images": F.Sequence(F.Image(shape=(3, 3, 3))), "mask": F.LabeledImage(labels=3, shape=(3, 3, 1))},
        lambda i: {"images": [pixels(3, 3) for _ in range(i)], "mask": pixels(3, 3, 1) % 3},
    ),
    "text": (
        {"text": F.Text(), "label": F.ClassLabel(names=["neg", "pos"])},
        lambda i: {"text": f"Straße {i}", "label": i % 2},
    ),
    "scalars": (
        {"i64": np.int64, "i32": np.int32, "u8": np.uint8, "u64": np.uint64, "f32": np.float32,
         "f64": np.float64, "b": np.bool_, "s": np.str_, "i16": F.Scalar(np.int16)},
        lambda i: {"i64": -i - 2**40, "i32": -i, "u8": 250 + i, "u64": 2**40 + i, "f32": i / 3, "f64": i / 4,
                   "b": i % 2 == 0, "s": f"é{i}", "i16": -i},
    ),
    "tensors": (
        {"fixed": F.Tensor(shape=(2, 3), dtype=np.float32), "rows": F.Tensor(shape=(None, 2), dtype=np.int32),
         "columns": F.Tensor(shape=(2, None), dtype=np.int64), "truth": F.Tensor(shape=(2,), dtype=np.bool_),
         "words": F.Tensor(shape=(2,), dtype=np.str_)},
        lambda i: {"fixed": np.full((2, 3), i / 3, np.float32), "rows": np.full((i, 2), i, np.int32),
                   "columns": np.arange(2 * i).reshape(2, i), "truth": np.array([True, i == 0]),
                   "words": np.array(["x", f"y{i}"], dtype=object)},
    ),
    "encoded": (
        {"fixed": F.Tensor(shape=(2, 2), dtype=np.float64, encoding="bytes"),
         "packed": F.Tensor(shape=(3,), dtype=np.int64, encoding="zlib"),
         "rows": F.Tensor(shape=(None, 2), dtype=np.float32, encoding="bytes"),
         "any": F.Tensor(shape=(None, None), dtype=np.int64, encoding="zlib"),
         "truth": F.Tensor(shape=(2,), dtype=np.bool_, encoding="zlib"),
         "list": F.Sequence(F.Tensor(shape=(2,), dtype=np.int16, encoding="zlib"))},
        lambda i: {"fixed": np.full((2, 2), i / 7), "packed": np.arange(3) + i,
                   "rows": np.full((i, 2), i, np.float32), "any": np.full((i, i + 1), i),
                   "truth": np.array([True, i == 0]), "list": [np.array([k, i], np.int16) for k in range(i)]},
    ),
    "sequences": (
        {"numbers": F.Sequence(np.int64), "texts": F.Sequence(F.Text()),
         "dicts": F.Sequence({"x": np.int64, "y": F.Text()}), "three": F.Sequence(np.float32, length=3),
         "classes": F.Sequence(F.ClassLabel(names=["u", "v"])),
         "pairs": F.Sequence(F.Tensor(shape=(2,), dtype=np.float32))},
        lambda i: {"numbers": list(range(i)), "texts": [f"w{k}" for k in range(i)],
                   "dicts": [{"x": k, "y": f"t{k}"} for k in range(i)], "three": [i, i + 0.5, i + 1],
                   "classes": ["u", "v", "u"][:i], "pairs": [[k, k + 0.5] for k in range(i)]},
    ),
    "ragged": (
        {"two": F.Sequence(F.Sequence(np.int64)), "three": F.Sequence(F.Sequence(F.Sequence(F.Text()))),
         "pairs": F.Sequence(F.Sequence(F.Tensor(shape=(2,), dtype=np.float32)))},
        lambda i: {"two": [[k] * k for k in range(i)], "three": [[["a"] * k, []] for k in range(i)],
                   "pairs": [[[k, i]] * k for k in range(i)]},
    ),
    "nested": (
        {"outer": {"inner": {"x": np.int64, "y": F.Text()}, "z": np.float32}, "a/b": np.int64},
        lambda i: {"outer": {"inner": {"x": i, "y": f"n{i}"}, "z": i / 2}, "a/b": i},
    ),
    "boxes": (
        {"objects": F.Sequence({"bbox": F.BBoxFeature(), "label": NAMES, "crowd": np.bool_}),
         "box": F.BBoxFeature()},
        lambda i: {"objects": [{"bbox": F.BBox(0.1, 0.2, 0.5, 0.5 + k / 10), "label": k, "crowd": k == 0}
                               for k in range(i)], "box": F.BBox(0.0, 0.0, 1.0, (i + 1) / 10)},
    ),
    "optional": (
        {"number": F.Scalar(np.int64, optional=True), "text": F.Scalar(np.str_, optional=True),
         "pair": F.Tensor(shape=(2,), dtype=np.float32, optional=True)},
        lambda i: {"number": i if i else None, "text": f"o{i}" if i != 1 else None,
                   "pair": [i, i] if i else None},
    ),
    "video": (
        {"video": F.Video(shape=(None, 4, 4, 3)), "fixed": F.Video(shape=(2, 4, 4, 3))},
        lambda i: {"video": np.stack([pixels(4, 4) for _ in range(i + 1)]),
                   "fixed": np.stack([pixels(4, 4)] * 2)},
    ),
    "audio": (
        {"audio": F.Audio(sample_rate=8000), "fixed": F.Audio(shape=(4,), dtype=np.int64)},
        lambda i: {"audio": np.arange(i + 2), "fixed": np.arange(4) + i},
    ),
    "translation": (
        {"t": F.Translation(languages=["en", "fr"])}, lambda i: {"t": {"en": f"h {i}", "fr": f"b {i}"}},
    ),
    "steps": (
        {"steps": F.Dataset({"seen": F.Tensor(shape=(2,), dtype=np.float32), "action": np.int64})},
        lambda i: {"steps": [{"seen": [k, k], "action": k} for k in range(i)]},
    ),
    "bytes": (
        {"one": F.Tensor(shape=(4,), dtype=np.uint8), "two": F.Tensor(shape=(2, 3), dtype=np.uint8),
         "rows": F.Tensor(shape=(None, 2), dtype=np.uint8), "list": F.Sequence(np.uint8)},
        lambda i: {"one": np.arange(252, 256, dtype=np.uint8) - i, "two": np.full((2, 3), 200 + i, np.uint8),
                   "rows": np.full((i, 2), i, np.uint8), "list": list(range(255 - i, 255))},
    ),
}  # fmt: skip


def write_dataset(name: str, features: dict[str, Any], make_row: Any) -> list[Any]:
    """Write a data set, and return the rows of its training split as they are read."""
    made = [make_row(i) for i in range(ROWS)]

    class Golden(tfds.core.GeneratorBasedBuilder, skip_registration=True):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self) -> Any:
            keys = ("image", "label") if {"image", "label"} <= features.keys() else None
            text = f"Golden: {name}."
            return tfds.core.DatasetInfo(
                builder=self, features=F.FeaturesDict(features), description=text, supervised_keys=keys
            )

        def _split_generators(self, _: Any) -> dict[str, Any]:
            return {"train": self._generate_examples(0), "test": self._generate_examples(1)}

        def _generate_examples(self, start: int) -> Any:
            for i in range(start, ROWS):
                yield i, made[i]

    Golden.name = name
    builder = Golden(data_dir=str(GOLDEN), file_format="tfrecord")
    builder.download_and_prepare()
    return [plain(row) for row in tfds.as_numpy(builder.as_dataset(split="train"))]


def plain(value: Any) -> Any:
    """Convert a value to JSON."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if hasattr(value, "to_list"):
        return plain(value.to_list())
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    rows = [plain(row) for row in value]  # a data set of dicts
    return {key: [row[key] for row in rows] for key in ("seen", "action")}


def main() -> None:
    """Write the folders and `values.json`."""
    shutil.rmtree(GOLDEN, ignore_errors=True)
    values = {name: write_dataset(name, *case) for name, case in CASES.items()}
    lines = [f"{json.dumps(name)}: {json.dumps(rows)}" for name, rows in values.items()]
    shutil.rmtree(GOLDEN / "downloads", ignore_errors=True)
    (GOLDEN / "values.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
